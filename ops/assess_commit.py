"""The end of a scan: what came in, looked at as a whole and handed to the store."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module

from fleet.assessments import Assessment
from fleet.errors import StoreBusy
from ops.assess_identity import notice_identities
from ops.feeds.ingest import without_sources
from ops.home import Home
from ops.lifecycle import list_retired
from ops.statuses import statuses_of


def new_batch_id(now: datetime) -> str:
    """An id that sorts by time and fits a file name: ``20261120T120000Z-5f3a9c``."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def load_store() -> None:
    """Load what `store_batch` needs, which takes half a second: while machines still answer, nobody waits for it."""
    import_module("ops.store.commits")


def store_batch(home: Home, batch_id: str, assessments: Sequence[Assessment]) -> list[Assessment]:
    """Stores ``assessments`` as one batch and gives them as stored: with what only all of them together show.

    Those of machines outside the scope are not stored: what was known of them stays. Blocking; for a thread.

    Raises:
        StoreBusy: another process holds the tables for too long; the batch is kept, and the next one stores it.
        HomeUnusable: it cannot be written.
    """
    from ops.store import Batch, TableStore

    known, retired = statuses_of(home, ["all"]), list_retired(home)
    noticed = notice_identities(without_sources(home, assessments), known, retired)
    told = tuple(assessment for assessment in noticed if assessment.was_attempted)
    if not told:
        return noticed
    try:
        TableStore(home).commit_batch(Batch(batch_id, told))
    except StoreBusy as error:
        raise StoreBusy(
            f"{error} The scan {batch_id} is kept: the next one that opens the tables stores it."
        ) from error
    return noticed
