"""Whether the files of a deployment's scripts are there, before a night finds out that they are not."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from fleet.deployments.scripts import Script, ScriptPlace


def find_script_problems(scripts: Sequence[Script]) -> Iterator[str]:
    """A sentence for each file that could not be run as it is now. One for machines is only read here."""
    for path, is_run_here in dict.fromkeys((script.path, script.place is ScriptPlace.CONSOLE) for script in scripts):
        if problem := _problem(Path(path).expanduser(), is_run_here=is_run_here):
            yield problem


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
