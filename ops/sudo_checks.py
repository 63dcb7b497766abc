"""Lines for sudoers and doas.conf, read by their own checkers before anybody puts them into place.

A file with a mistake in /etc/sudoers.d stops sudo for everybody on the machine.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import PatchdeckError
from fleet.hostile import clean, decode

_SECONDS = 15.0
_OTHER_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin")


class LinesRefused(PatchdeckError):
    """The checker found a mistake in lines that we made: nobody may use them."""


@dataclass(frozen=True, slots=True)
class Checker:
    """A program that reads a file and says whether it holds a mistake. ``arguments`` come before the file."""

    program: str
    arguments: tuple[str, ...]
    by_hand: str


VISUDO = Checker("visudo", ("-c", "-f"), "visudo -cf /etc/sudoers.d/patchdeck")
DOAS = Checker("doas", ("-C",), "doas -C /etc/doas.conf")


def check_lines(lines: Sequence[str], checker: Checker) -> str:
    """A comment for the top of ``lines``: who checked them here; or why nobody could, and how to do it.

    Raises:
        LinesRefused: the checker found a mistake.
    """
    program = shutil.which(checker.program, path=os.pathsep.join((os.environ.get("PATH", ""), *_OTHER_FOLDERS)))
    if program is None:
        return _unchecked(checker, f"{checker.program} is not installed here")
    with tempfile.TemporaryDirectory(prefix="patchdeck-") as folder:
        file = Path(folder, "lines")
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        file.chmod(0o440)
        try:
            done = _run([program, *checker.arguments, str(file)])
        except (OSError, subprocess.TimeoutExpired) as error:
            return _unchecked(checker, f"{program} did not answer ({type(error).__name__})")
        said = clean(decode(done.stderr + done.stdout).replace(str(file), "line"), 300)
    if done.returncode != 0:
        raise LinesRefused(f"{program} refuses these lines, so they are not printed: {said or 'without a word'}")
    return f"# Checked here by {checker.program} {checker.arguments[0]}{_version(program, checker)}: no mistake."


def _unchecked(checker: Checker, why: str) -> str:
    return f"# NOT checked, since {why}. Check them where they go: {checker.by_hand}"


def _version(program: str, checker: Checker) -> str:
    """`` (visudo version 1.9.13p3)``, or nothing where it does not tell."""
    if checker is not VISUDO:
        return ""
    try:
        first = decode(_run([program, "-V"]).stdout).partition("\n")[0]
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return f" ({clean(first, 60)})" if first.strip() else ""


def _run(words: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.pathsep.join(_OTHER_FOLDERS), "LC_ALL": "C"}
    return subprocess.run(
        words, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
    )
