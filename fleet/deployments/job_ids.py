"""Ids of jobs: the same for the same work of the same run, so that it never starts twice on a machine."""

import re

from fleet.deployments.jobs import JobKind

_ID = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_JOB = re.compile(rf"(?P<run>{_ID.pattern})-(?:{'|'.join(JobKind)})(?:-[1-9][0-9]?)?")


def job_id(run_id: str, kind: JobKind) -> str:
    """The id of a run's job on any machine: ``20261120T020000Z-5f3a9c-install``.

    Raises:
        ValueError: the run's id holds what no job's folder may be called.
    """
    if not _ID.fullmatch(run_id) or len(run_id) > 100:
        raise ValueError(f"Run id {run_id!r} cannot name a job.")
    return f"{run_id}-{kind.value}"


def run_of(job: str) -> str:
    """The id of the run that a job is of, also of a further one (``…-install-2``); empty where it is none of ours."""
    known = _JOB.fullmatch(job)
    return known["run"] if known is not None else ""
