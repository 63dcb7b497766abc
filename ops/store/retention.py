"""How long the rows of each table are kept, and the end of those that are older."""

import re
from datetime import date, timedelta

from deltalake import DeltaTable

from fleet.tables import DAY, Table, TableKind
from ops.config import Settings
from ops.home import Home
from ops.store.day_files import count_by_day
from ops.store.lock import hold_lock
from ops.store.numbers import told
from ops.store.place import prepare_to_write, tables_of

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


def kept_days(settings: Settings, table: Table) -> int | None:
    """For how many days rows of ``table`` are kept; None: for ever, as those of CURRENT tables, which have no past."""
    if table.kind is not TableKind.HISTORY:
        return None
    words = _WORD_START.sub("_", table.name).lower()
    days = getattr(settings, f"retention_{words}_days")
    return int(days) or None


def expire_rows(home: Home, table: Table, days: int | None, today: date, wait_seconds: float) -> int:
    """Let go of the days of ``table`` that are more than ``days`` past, in one commit; gives how many they were.

    Their files go with the next vacuum, so that who reads now still has them. Blocking.

    Raises:
        StoreBusy: another process holds the tables for longer than ``wait_seconds``.
        HomeUnusable: the table cannot be written; it is as it was.
    """
    if days is None:
        return 0
    place = tables_of(home) / table.name
    first = (today - timedelta(days=days)).isoformat()
    with told(place, "let old rows go of"):
        if not _older(place.open(), first):
            return 0
        with hold_lock(home.store_lock, wait_seconds):
            prepare_to_write(home, tables_of(home))
            opened = place.open()
            gone = _older(opened, first)
            # By the partition alone: nothing is read and nothing written but the log.
            if opened is not None:
                opened.delete(f"{DAY.name} < '{first}'")
            return len(gone)


def _older(opened: DeltaTable | None, first: str) -> list[str]:
    return [] if opened is None else [day for day in count_by_day(opened) if "" < day < first]
