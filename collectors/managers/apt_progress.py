"""Where apt stands in a transaction: by its own status (APT::Status-Fd), else by what it printed last."""

import re

from fleet.deployments.jobs import JobProgress
from fleet.hostile import clean, clean_name

# README.progress-reporting of apt: dlstatus:1:20.5:Retrieving…, pmstatus:acme-lib:40:Unpacking acme-lib (amd64)
_STATUS = re.compile(r"(?P<kind>dlstatus|pmstatus|pmerror|pmconffile):(?P<package>[^:]*(?::[a-z0-9]+)?):"
                     r"(?P<percent>\d{1,3}(?:\.\d+)?):(?P<words>.*)")  # fmt: skip
_PRINTED = re.compile(
    r"(?P<doing>Unpacking|Setting up|Preparing to unpack|Removing|Processing triggers for) (?P<package>[^\s(]+).*"
)
_FETCHED = re.compile(r"Get:\d+ \S+ \S+ \S+ (?P<package>\S+) .*")
# Fetching comes before the percentage of the installation begins anew; by this share of a transaction.
_SHARE_OF_FETCHING = 0.2


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:
    """The package in work and what is done with it; None where neither tells."""
    if match := _STATUS.fullmatch(status_line.strip()):
        return _from_status(match)
    for line in reversed(log_tail.splitlines()):
        if printed := _PRINTED.fullmatch(line.strip()):
            return JobProgress(None, clean_name(printed["package"].removesuffix(".deb")), clean_name(printed["doing"]))
        if fetched := _FETCHED.fullmatch(line.strip()):
            return JobProgress(None, clean_name(fetched["package"]), "Fetching")
    return None


def _from_status(match: re.Match[str]) -> JobProgress:
    percent = min(100.0, float(match["percent"]))
    if match["kind"] == "dlstatus":
        return JobProgress(percent * _SHARE_OF_FETCHING, "", clean(match["words"], 200))
    overall = 100 * _SHARE_OF_FETCHING + percent * (1 - _SHARE_OF_FETCHING)
    package = "" if match["package"].startswith("dpkg-exec") else clean_name(match["package"])
    return JobProgress(overall, package, clean(match["words"], 200))
