"""Where zypper stands, by the lines that it prints without a terminal."""

import re

from collectors.managers.transaction_progress import fetching, installing, name_of_rpm
from fleet.deployments.jobs import JobProgress

# "(2/6) Installing: acme-brandnew-1.0-1.1.x86_64 [...done]": the dots come one by one, the word at the end.
_STEP = re.compile(r"\( *(?P<done>\d{1,7})/(?P<total>\d{1,7})\) (?P<doing>Installing|Removing): (?P<package>\S+).*")
# "Retrieving package acme-both-1.0-1.1.x86_64 (1/6),   5.5 KiB (    0   B unpacked)"; newer ones: "Retrieving: … (1/6)"
_FETCH = re.compile(
    r"(?:Retrieving package|Retrieving:|In cache) (?P<package>\S+)(?: \([^()]*\))? "
    r"\( *(?P<done>\d{1,7})/(?P<total>\d{1,7})\),.*"
)


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:  # noqa: ARG001
    """The package in work and what is done with it; None where nothing tells."""
    for line in reversed(log_tail.splitlines()):
        text = line.strip()
        if step := _STEP.fullmatch(text):
            return installing(name_of_rpm(step["package"]), step["doing"], step["done"], step["total"])
        if fetch := _FETCH.fullmatch(text):
            return fetching(name_of_rpm(fetch["package"]), fetch["done"], fetch["total"])
    return None
