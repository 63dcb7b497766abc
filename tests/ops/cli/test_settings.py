"""`patchdeck settings`: looked at, set, taken out and edited, also where config.toml keeps all else from working."""

import json
from pathlib import Path

import pytest

from tests.ops.cli.conftest import Patchdeck


def test_setting_is_set_shown_and_taken_out(patchdeck: Patchdeck, home: Path) -> None:
    """With its value, default, place and effect, for programs too."""
    patchdeck("settings", "set", "assess.concurrency", "50")
    (row,) = json.loads(patchdeck("settings", "list", "--changed", "--json").out)
    assert (row["setting"], row["value"], row["default"], row["line"]) == ("assess.concurrency", 50, None, 2)
    assert (row["minimum"], row["maximum"], row["unit"]) == (1, 10_000, "machines")
    shown = patchdeck("settings", "show", "assess.concurrency").out
    assert "config.toml, line 2" in shown
    assert "takes effect at once" in shown

    patchdeck("settings", "set", "metrics.groups", "web", "db")
    assert 'groups = ["web", "db"]' in (home / "config.toml").read_text()
    patchdeck("settings", "unset", "assess.concurrency")
    assert "Nothing was changed" in patchdeck("settings", "unset", "assess.concurrency").err
    assert "at least 1" in patchdeck("settings", "set", "assess.concurrency", "0", code=2).err


def test_broken_settings_are_mended_by_their_own_verbs(patchdeck: Patchdeck, home: Path) -> None:
    """Where every other verb is refused; they end with 2 until the file can be used."""
    patchdeck("machines", "list")
    (home / "config.toml").write_text("asess.x = 1\n")
    patchdeck("machines", "list", code=2)
    assert "line 1" in patchdeck("settings", "list", code=2).err
    patchdeck("settings", "unset", "asess.x")
    patchdeck("machines", "list")


def test_file_is_edited_and_never_lost(
    patchdeck: Patchdeck, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that cannot be used is kept beside, and named; one that can takes the place of the old one."""
    editor = tmp_path / "editor"
    monkeypatch.setenv("VISUAL", str(editor))
    editor.write_text('#!/bin/sh\nprintf "[assess]\\nworkers = 99\\n" > "$1"\n')
    editor.chmod(0o755)
    told = patchdeck("settings", "edit", code=2).err
    kept = Path(told.rpartition("Your text is kept in ")[2].strip().rstrip("."))
    assert kept.read_text() == "[assess]\nworkers = 99\n"
    assert not (home / "config.toml").exists()
    kept.unlink()
    kept.parent.rmdir()

    editor.write_text('#!/bin/sh\nprintf "[assess]\\nworkers = 9 # mine\\n" > "$1"\n')
    patchdeck("settings", "edit")
    assert (home / "config.toml").read_text() == "[assess]\nworkers = 9 # mine\n"
