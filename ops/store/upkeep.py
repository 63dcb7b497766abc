"""Keeping tables small while scans come every minute: joins the files of a day that is not over yet, trims their logs.

What `StoredTable.keep_small` does after some batches is done here too, for tables that see no batch any more. A table
is held for the time of its own upkeep only; readers keep the files of the version that they have opened.
"""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import date

from deltalake import DeltaTable, WriterProperties
from deltalake.exceptions import DeltaError

from fleet.tables import DAY, Table, TableKind
from ops.home import Home
from ops.logs import log_error
from ops.store.delta import StoredTable
from ops.store.lock import hold_lock
from ops.store.numbers import TableSize, measure_table
from ops.store.place import prepare_to_write, tables_of

# A day of scans every minute leaves 1,440 files; below this many, opening them costs less than writing them anew.
_FILES_OF_TODAY = 32
_PARQUET = WriterProperties(compression="ZSTD", compression_level=3)  # as `ops.store.delta` writes
_RETENTION = "delta.logRetentionDuration"
# Data of older versions is gone after a day at most (`StoredTable`), so that their log entries lead nowhere.
_KEPT_LOG = "interval 1 days"


@dataclass(frozen=True, slots=True)
class Kept:
    """What upkeep did to a table: its files before and after, and how long it took."""

    table: str
    before: TableSize
    after: TableSize
    elapsed_seconds: float


def keep_in_order(home: Home, table: Table, today: date, wait_seconds: float) -> Kept:
    """Joins small files of ``table``, removes those that no reader can be at any more, and trims its log. Blocking.

    What fails is logged: the table is whole without it.

    Raises:
        StoreBusy: a scan is being stored for longer than ``wait_seconds``.
        HomeUnusable: the table cannot be read.
    """
    tables = tables_of(home)
    place = tables / table.name
    before = measure_table(place)
    began = time.monotonic()
    if before.version is not None:
        with hold_lock(home.store_lock, wait_seconds):
            prepare_to_write(home, tables)
            try:
                _join_today(place.open(), table, today)
                StoredTable(tables, table).keep_small(today)
                _trim_log(place.open())
            except (DeltaError, OSError) as error:
                log_error("table not kept in order", error, table=table.name)
    return Kept(table.name, before, measure_table(place), time.monotonic() - began)


def _join_today(opened: DeltaTable | None, table: Table, today: date) -> None:
    if opened is None or table.kind is not TableKind.HISTORY:
        return
    files = Counter(uri.partition(f"/{DAY.name}=")[2][:10] for uri in opened.file_uris())
    if files[today.isoformat()] >= _FILES_OF_TODAY:
        opened.optimize.compact([(DAY.name, "=", today.isoformat())], writer_properties=_PARQUET)


def _trim_log(opened: DeltaTable | None) -> None:
    if opened is None:
        return
    if opened.metadata().configuration.get(_RETENTION) != _KEPT_LOG:
        opened.alter.set_table_properties({_RETENTION: _KEPT_LOG})
        return  # from the next time on
    opened.create_checkpoint()
    opened.cleanup_metadata()
