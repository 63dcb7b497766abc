"""Systems that are images: no job installs there, so there is nothing to tell of."""

from fleet.deployments.jobs import JobProgress


def read_progress(status_line: str, log_tail: str) -> JobProgress | None:  # noqa: ARG001
    """None."""
    return None
