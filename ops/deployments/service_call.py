"""Seeing to it that somebody works on runs: the background service, started where it does not run."""

import importlib
import importlib.util

from ops.home import Home

_SERVICE = "ops.service"


def call_service(home: Home) -> str:
    """Sees that the service of ``home`` runs; what stands in the way in one line, empty if nothing does."""
    if importlib.util.find_spec(_SERVICE) is None:
        return "This Patchdeck has no background service."
    try:
        importlib.import_module(_SERVICE).ensure_running(home)
    # Whatever keeps the service from starting, what was asked for is kept and must be told of.
    except Exception as error:  # noqa: BLE001
        return f"The background service does not start: {error}"
    return ""
