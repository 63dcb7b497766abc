"""`patchdeck deployments` with files: read, given back to the byte, replaced, edited in an editor."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Patchdeck = Callable[..., Any]

_TOML = """\
# Web servers, second Tuesday. Grüße!\r
name = "web"
targets = ["tag:role=web"]\t

[updates]
classes = ["security"]   # nothing else

[window]
minutes = 90

"""
_YAML = "# Web\nname: web\ntargets: [all]\nupdates:\n  classes: [security]\n"


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A definition with a comment, a CRLF, trailing blanks and no canonical form."""
    path = tmp_path / "web.toml"
    path.write_bytes(_TOML.encode())
    return path


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets $EDITOR to a script that runs sed, or any command, on the file."""

    def use(command: str) -> None:
        path = tmp_path / "editor.sh"
        path.write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("EDITOR", str(path))
        monkeypatch.delenv("VISUAL", raising=False)

    return use


def window_of(patchdeck: Patchdeck) -> int:
    (row,) = json.loads(patchdeck("deployments", "show", "web", "--json").out)
    minutes: int = row["window"]["minutes"]
    return minutes


def source_of(patchdeck: Patchdeck) -> bytes:
    # Not decoded with universal newlines: to the byte is meant.
    text: str = patchdeck("deployments", "show", "web", "--format", "source").out
    return text.encode()


def test_source_comes_back_to_the_byte(patchdeck_process: Patchdeck, toml: Path, environment: dict[str, str]) -> None:
    """Comments, blanks and line ends included, in processes of their own."""
    import subprocess
    import sys

    patchdeck_process("deployments", "add", "-f", str(toml))

    root = Path(__file__).parents[3]
    shown = subprocess.run(
        [sys.executable, str(root / "patchdeck.py"), "deployments", "show", "web", "--format", "source"],
        capture_output=True,
        env=environment,
        timeout=60,
        check=True,
    )
    assert shown.stdout == toml.read_bytes()
    assert shown.stderr == b""


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_exported_definition_is_the_same_deployment(patchdeck: Patchdeck, tmp_path: Path, form: str) -> None:
    """Written canonically, and read again, nothing differs: adding it once more changes nothing."""
    patchdeck(
        *(
            "deployments",
            "add",
            "web",
            "--target",
            "tag:a=b",
            "--class",
            "all",
            "--exclude",
            "kernel*",
            "--budget",
            "5%",
        ),
        *("--rule", "FREQ=WEEKLY;BYDAY=MO,WE", "--first", "2026-01-01 02:30", "--zone", "Europe/Berlin"),
        *("--wave", "1", "--wave", "50%", "--gate-soak", "5", "--exclusion", "nginx; why; 2027-01-01; anna"),
    )
    path = tmp_path / f"again.{form}"
    path.write_text(patchdeck("deployments", "show", "web", "--format", form).out, encoding="utf-8")

    assert "already" in patchdeck("deployments", "add", "-f", str(path)).err


def test_definition_can_come_by_standard_input(patchdeck: Patchdeck) -> None:
    """As TOML, or as what --format says."""
    patchdeck("deployments", "add", "-f", "-", "--format", "yaml", given=_YAML)

    assert source_of(patchdeck) == _YAML.encode()
    assert "already" in patchdeck("deployments", "add", "web", "-f", "-", "--format", "yaml", given=_YAML).err


def test_file_without_a_name_is_called_like_the_file(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """Or as the argument says; a file with another name is refused."""
    path = tmp_path / "nightly.toml"
    path.write_text('targets = ["all"]\n[updates]\nclasses = ["security"]\n', encoding="utf-8")

    patchdeck("deployments", "add", "-f", str(path))
    patchdeck("deployments", "add", "weekly", "-f", str(path))

    names = [row["name"] for row in json.loads(patchdeck("deployments", "list", "--json").out)]
    assert names == ["nightly", "weekly"]


def test_replacing_needs_to_be_said(patchdeck: Patchdeck, toml: Path) -> None:
    """A changed file is refused without --replace; a changed comment alone is no other definition."""
    patchdeck("deployments", "add", "-f", str(toml))
    toml.write_bytes(_TOML.replace("90", "60").encode())

    assert "differs in window" in patchdeck("deployments", "add", "-f", str(toml), code=2).err
    assert "defined anew" in patchdeck("deployments", "add", "-f", str(toml), "--replace").err
    assert "already" in patchdeck("deployments", "add", "-f", str(toml), "--replace").err
    assert window_of(patchdeck) == 60
    assert source_of(patchdeck) == toml.read_bytes()


def test_relative_scripts_lie_beside_the_file(patchdeck: Patchdeck, toml: Path) -> None:
    """And are found from everywhere, also when it is edited."""
    (toml.parent / "pre.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    script = '\n[[scripts]]\nstage = "pre"\nplace = "console"\npath = "pre.sh"\n'
    toml.write_bytes((_TOML + script).encode())

    patchdeck("deployments", "add", "-f", str(toml))

    (row,) = json.loads(patchdeck("deployments", "show", "web", "--json").out)
    assert row["scripts"][0]["path"] == str(toml.parent / "pre.sh")
    assert patchdeck("deployments", "show", "web", "--format", "source").err == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"name = ", "line 1"),
        (_TOML.replace("minutes", "minuts").encode(), "Did you mean 'minutes'"),
        (_TOML.replace("90", "-1").encode(), "window"),
        (b"\xff\xfe", "UTF-8"),
        (b"", "targets"),
        (b"x" * 1_000_001, "1,000,000 bytes"),
        (_TOML.replace('"web"', '"a b"').encode(), "not usable"),
    ],
)
def test_broken_file_is_one_line_with_its_place(patchdeck: Patchdeck, toml: Path, content: bytes, says: str) -> None:
    """Nothing is defined."""
    toml.write_bytes(content)

    refused = patchdeck("deployments", "add", "-f", str(toml), code=2)

    assert says in refused.err
    assert refused.err.count("\n") == 1
    assert json.loads(patchdeck("deployments", "list", "--json").out) == []


def test_source_tells_where_it_is_not_current(patchdeck: Patchdeck, toml: Path) -> None:
    """After disabling it is still given, and what differs is said; after other changes it is not kept."""
    patchdeck("deployments", "add", "-f", str(toml))
    patchdeck("deployments", "disable", "web")

    shown = patchdeck("deployments", "show", "web", "--format", "source")
    assert (shown.out.encode(), "differs from this in enabled" in shown.err) == (toml.read_bytes(), True)
    edited = patchdeck("deployments", "edit", "web", "--window", "30")
    assert "not kept any more" in edited.err
    assert "defined by options" in patchdeck("deployments", "show", "web", "--format", "source").err


def test_editor_gets_the_source_and_it_is_kept(patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None]) -> None:
    """With its comments; a deployment that was disabled meanwhile stays so."""
    patchdeck("deployments", "add", "-f", str(toml))
    patchdeck("deployments", "disable", "web")
    editor('sed -i s/90/45/ "$1"')

    edited = patchdeck("deployments", "edit", "web")

    assert "changed window" in edited.err
    assert source_of(patchdeck) == _TOML.replace("90", "45").encode()
    (row,) = json.loads(patchdeck("deployments", "show", "web", "--json").out)
    assert (row["window"]["minutes"], row["enabled"]) == (45, False)


def test_editor_gets_toml_where_options_defined_it(patchdeck: Patchdeck, editor: Callable[[str], None]) -> None:
    """And from then on its text is kept."""
    patchdeck("deployments", "add", "web", "--target", "all", "--class", "security", "--window", "90")
    editor('sed -i "s/90/45/; 1i # mine" "$1"')

    patchdeck("deployments", "edit", "web")

    assert window_of(patchdeck) == 45
    assert source_of(patchdeck).startswith(b"# mine\n")


def test_editor_that_changes_nothing_changes_nothing(
    patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None]
) -> None:
    """No audit, no revision."""
    patchdeck("deployments", "add", "-f", str(toml))
    editor("true")

    assert "nothing to change" in patchdeck("deployments", "edit", "web").err
    assert len(json.loads(patchdeck("audit", "--json").out)) == 1


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ('echo nonsense >> "$1"', "line 11"),
        ('sed -i "s/name = .web./name = \\"other\\"/" "$1"', "keeps its name"),
        ('printf "\\377" > "$1"', "cannot be read"),
        ('sed -i s/90/60/ "$1"; exit 3', "ended with 3"),
    ],
)
def test_broken_edit_is_kept_for_another_try(
    patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None], command: str, says: str
) -> None:
    """The deployment is as it was; the error names the file with the edit, and how to go on."""
    patchdeck("deployments", "add", "-f", str(toml))
    editor(command)

    refused = patchdeck("deployments", "edit", "web", code=2)

    assert says in refused.err
    assert source_of(patchdeck) == toml.read_bytes()
    kept = Path(refused.err.partition("kept in ")[2].partition(";")[0])
    assert kept.is_file()
    assert kept.read_bytes() != toml.read_bytes()
    assert f"deployments edit web -f {kept}" in refused.err
    kept.unlink()
    kept.parent.rmdir()


def test_broken_edit_can_be_mended_at_once(
    patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sits at a terminal is asked, and gets their text again."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    patchdeck("deployments", "add", "-f", str(toml))
    monkeypatch.setattr("io.StringIO", Terminal)
    editor(
        'if grep -q minuts "$1"; then sed -i s/minuts/minutes/ "$1"; else sed -i "s/minutes = 90/minuts = 45/" "$1"; fi'
    )

    edited = patchdeck("deployments", "edit", "web", given="y\n")

    assert "Did you mean 'minutes'" in edited.err
    assert "Edit again?" in edited.err
    assert window_of(patchdeck) == 45


def test_kept_edit_is_taken_once_it_is_right(patchdeck: Patchdeck, toml: Path, tmp_path: Path) -> None:
    """From a file, without an editor; relative paths lead from where the definition lay."""
    patchdeck("deployments", "add", "-f", str(toml))
    (toml.parent / "pre.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    kept = tmp_path / "elsewhere" / "kept.txt"
    kept.parent.mkdir()
    script = '\n[[scripts]]\nstage = "pre"\nplace = "console"\npath = "pre.sh"\n'
    kept.write_bytes((_TOML + script).encode())

    assert "changed scripts" in patchdeck("deployments", "edit", "web", "-f", str(kept)).err

    (row,) = json.loads(patchdeck("deployments", "show", "web", "--json").out)
    assert row["scripts"][0]["path"] == str(toml.parent / "pre.sh")
    assert "--window" in patchdeck("deployments", "edit", "web", "-f", str(kept), "--window", "5", code=2).err


def test_editor_that_cannot_be_started_leaves_nothing(
    patchdeck: Patchdeck, toml: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One line, exit code 2, no file behind."""
    patchdeck("deployments", "add", "-f", str(toml))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("EDITOR", "/no/such/editor")

    assert "Set $EDITOR" in patchdeck("deployments", "edit", "web", code=2).err
    assert list(tmp_path.glob("patchdeck-edit-*")) == []


def test_second_of_two_editors_is_refused_with_the_edit_kept(
    patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None], environment: dict[str, str]
) -> None:
    """Somebody else changed the deployment while the editor was open: theirs stands, mine is not lost."""
    import sys

    root = Path(__file__).parents[3]
    other = f"{sys.executable} {root / 'patchdeck.py'} deployments edit web --window 30"
    patchdeck("deployments", "add", "-f", str(toml))
    editor(f'{other} 2>/dev/null; sed -i s/90/45/ "$1"')

    refused = patchdeck("deployments", "edit", "web", code=2)

    assert "changed deployment web at" in refused.err
    assert "window.minutes: was 90; theirs 30; yours 45. BOTH changed it" in refused.err
    assert window_of(patchdeck) == 30
    kept = Path(refused.err.partition("kept in ")[2].partition(";")[0])
    assert b"45" in kept.read_bytes()
    kept.unlink()
    kept.parent.rmdir()


def test_editor_that_takes_the_file_away_changes_nothing(
    patchdeck: Patchdeck, toml: Path, editor: Callable[[str], None]
) -> None:
    """As one that was killed between removing and renaming; that is told, and nothing broke."""
    patchdeck("deployments", "add", "-f", str(toml))
    before = patchdeck("deployments", "show", "web", "--format", "source").out
    editor('rm "$1"')

    assert "No such file" in patchdeck("deployments", "edit", "web", code=2).err
    assert patchdeck("deployments", "show", "web", "--format", "source").out == before
