"""Where pacman stands, by the lines that it prints with ``--noprogressbar``: what it begins, without counts."""

import re

from collectors.managers.transaction_progress import fetching, installing
from fleet.deployments.jobs import JobProgress

# "Packages (6) acme-brandnew-1.0-1  acme-data-1.1-1 …"
_TOTAL = re.compile(r"Packages? \((?P<total>\d{1,7})\).*")
_BEGIN = ":: Processing package changes..."
_STEP = re.compile(r"(?P<doing>upgrading|installing|reinstalling|downgrading|removing) (?P<package>\S+?)\.\.\.")
_FETCH = re.compile(r"(?P<package>\S+) downloading\.\.\.")


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:  # noqa: ARG001
    """The package in work and what is done with it; None where nothing tells. Percent only where the count is in the
    tail.
    """
    lines = [line.strip() for line in log_tail.splitlines()]
    for index in range(len(lines) - 1, -1, -1):
        if step := _STEP.fullmatch(lines[index]):
            done, total = _count(lines[: index + 1])
            return installing(step["package"], step["doing"].capitalize(), done, total)
        if fetch := _FETCH.fullmatch(lines[index]):
            return fetching(fetch["package"], "", "")
    return None


def _count(lines: list[str]) -> tuple[str, str]:
    """How many steps of the last transaction began, of how many; empty where the tail does not reach so far back."""
    done = 0
    is_begun = False
    for line in reversed(lines):
        if line == _BEGIN:
            is_begun = True
        elif not is_begun:
            done += _STEP.fullmatch(line) is not None
        elif match := _TOTAL.fullmatch(line):
            return str(done), match["total"]
    return "", ""
