"""The files of scripts: whether they are there, before a night finds out that they are not; and their hashes."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from fleet.deployments.deployment import Deployment
from fleet.deployments.scripts import Script, ScriptPlace


def find_script_problems(scripts: Sequence[Script]) -> Iterator[str]:
    """A sentence for each file that could not be run as it is now. One for machines is only read here."""
    for path, is_run_here in dict.fromkeys((script.path, script.place is ScriptPlace.CONSOLE) for script in scripts):
        if problem := _problem(Path(path).expanduser(), is_run_here=is_run_here):
            yield problem


def hash_scripts(deployment: Deployment) -> dict[str, str]:
    """The hashes of the script files as they are now, by path; one that cannot be read has none."""
    hashes = {}
    for path in {script.path for script in deployment.scripts}:
        with suppress(OSError):
            hashes[path] = hash_script(Path(path).read_bytes())
    return hashes


def hash_script(content: bytes) -> str:
    """The hash of a script with this ``content``."""
    return hashlib.sha256(content).hexdigest()


def _problem(path: Path, *, is_run_here: bool) -> str:
    if not path.exists():
        return f"There is no script {str(path)!r}."
    if not path.is_file():
        return f"The script {str(path)!r} is no file."
    if not os.access(path, os.R_OK):
        return f"The script {str(path)!r} cannot be read."
    if is_run_here and not os.access(path, os.X_OK):
        return f"The script {str(path)!r} cannot be executed: chmod +x."
    return ""
