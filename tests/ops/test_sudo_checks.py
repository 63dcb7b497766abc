"""Lines are read by sudo's own checker before they are printed; where there is none, that is said."""

import shutil
from pathlib import Path

import pytest

from ops.sudo_checks import DOAS, VISUDO, LinesRefused, check_lines
from ops.sudoers import find_commands, sudoers_lines

needs_visudo = pytest.mark.skipif(not Path("/usr/sbin/visudo").exists(), reason="sudo is not installed here")


@needs_visudo
def test_visudo_says_that_there_is_no_mistake() -> None:
    """With its version, since another sudo may read otherwise."""
    said = check_lines([*sudoers_lines("bob", find_commands(["apt"]))], VISUDO)

    assert said.startswith("# Checked here by visudo -c (visudo version ")
    assert said.endswith("): no mistake.")


@needs_visudo
def test_lines_with_a_mistake_are_refused_with_visudos_words() -> None:
    """Such a file would stop sudo for everybody on the machine; the place in it is told."""
    with pytest.raises(LinesRefused, match=r"line:2.*syntax error"):
        check_lines(["# fine", "bob ALL=(root NOPASSWD: /bin/true"], VISUDO)


def test_without_a_checker_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """And how to do it where the lines go."""
    monkeypatch.setattr(shutil, "which", lambda *_args, **_options: None)

    assert check_lines([], VISUDO) == (
        "# NOT checked, since visudo is not installed here. "
        "Check them where they go: visudo -cf /etc/sudoers.d/patchdeck"
    )
    assert "doas -C /etc/doas.conf" in check_lines([], DOAS)


def test_checker_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nor is one believed that cannot be run."""
    program = tmp_path / "visudo"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("ops.sudo_checks._SECONDS", 0.2)

    assert "did not answer (TimeoutExpired)" in check_lines([], VISUDO)
    program.write_text("no program")
    assert "did not answer (OSError)" in check_lines([], VISUDO)
