"""How long the rows of each table are kept, and the end of those that are older."""

import re
from datetime import date, timedelta

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from fleet.errors import HomeUnusable
from fleet.tables import DAY, Table, TableKind
from ops.config import Settings
from ops.home import Home
from ops.store.day_files import count_by_day
from ops.store.lock import hold_lock
from ops.store.numbers import first_line

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
    path = home.tables_dir / table.name
    if days is None or not DeltaTable.is_deltatable(str(path)):
        return 0
    first = (today - timedelta(days=days)).isoformat()
    try:
        if not _older(DeltaTable(path), first):
            return 0
        with hold_lock(home.store_lock, wait_seconds):
            opened = DeltaTable(path)
            gone = _older(opened, first)
            # By the partition alone: nothing is read and nothing written but the log.
            opened.delete(f"{DAY.name} < '{first}'")
            return len(gone)
    except (DeltaError, OSError) as error:
        raise HomeUnusable(f"Cannot let old rows of {path} go: {first_line(error)}") from error


def _older(opened: DeltaTable, first: str) -> list[str]:
    return [day for day in count_by_day(opened) if "" < day < first]
