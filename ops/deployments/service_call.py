"""Seeing to it that somebody works on runs: the background service, started where it does not run."""

from fleet.errors import PatchdeckError
from ops.home import Home


def call_service(home: Home) -> str:
    """Sees that the service of ``home`` runs; what stands in the way in one line, empty if nothing does."""
    from ops.service import ensure_running

    try:
        ensure_running(home)
    except PatchdeckError as error:
        return f"The background service does not start: {error}"
    return ""
