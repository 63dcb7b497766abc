"""Where apk stands, by the lines that it prints: ``(2/9) Upgrading busybox (1.33.1-r6 -> 1.33.1-r8)``."""

import re

from collectors.managers.transaction_progress import installing
from fleet.deployments.jobs import JobProgress

_STEP = re.compile(
    r"\( {0,8}(?P<done>\d{1,7})/(?P<total>\d{1,7})\) (?P<doing>[A-Z][a-z]+) (?P<package>\S+) \(\S+(?: -> \S+)?\).*"
)


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:  # noqa: ARG001
    """The package in work and what is done with it; None where nothing tells."""
    for line in reversed(log_tail.splitlines()):
        if step := _STEP.fullmatch(line.strip()):
            return installing(step["package"], step["doing"], step["done"], step["total"])
    return None
