"""Where a transaction stands, from the counts that package managers print: fetching first, then what they install."""

import re

from collectors.managers.rpm_versions import split_nevra
from fleet.deployments.jobs import JobProgress
from fleet.hostile import clean_name

# Fetching comes first and is counted by itself; by this share of a whole transaction, as for apt.
_SHARE_OF_FETCHING = 0.2
_ARCHITECTURE = re.compile(r"[a-z][a-z0-9_]+")


def fetching(package: str, done: str, total: str) -> JobProgress:
    """That a package is being fetched, the ``done``-th of ``total``; the counts may be empty."""
    share = _share(done, total)
    return JobProgress(None if share is None else 100 * share * _SHARE_OF_FETCHING, clean_name(package), "Fetching")


def installing(package: str, doing: str, done: str, total: str) -> JobProgress:
    """That a step of the transaction runs, the ``done``-th of ``total``; the counts may be empty."""
    share = _share(done, total)
    percent = None if share is None else 100 * (_SHARE_OF_FETCHING + share * (1 - _SHARE_OF_FETCHING))
    return JobProgress(percent, clean_name(package), clean_name(doing))


def name_of_rpm(nevra: str) -> str:
    """The name of a package that is written with its version, or as a file; what was cut is given as it is."""
    package = split_nevra(nevra.removesuffix(".rpm"))
    return package.name if package and _ARCHITECTURE.fullmatch(package.architecture) else nevra


def _share(done: str, total: str) -> float | None:
    if not (done.isdecimal() and total.isdecimal() and len(done) < 8 and len(total) < 8) or int(total) == 0:
        return None
    return min(1.0, int(done) / int(total))
