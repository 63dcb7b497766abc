"""Tables joined into few files, and rid of old ones, when somebody asks for it; the service does less, more often."""

from collections import defaultdict
from dataclasses import dataclass
from urllib.parse import unquote

from deltalake import DeltaTable, WriterProperties

from fleet.tables import DAY, Table, TableKind
from ops.home import Home
from ops.store.day_files import count_by_day
from ops.store.delta import KEEP_HOURS
from ops.store.lock import hold_lock
from ops.store.numbers import TableSize, measure_table, told
from ops.store.place import prepare_to_write, tables_of
from ops.store.table_files import list_sizes
from query.place import Place

_PARQUET = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=16_384)


@dataclass(frozen=True, slots=True)
class Compacted:
    """A table before and after its files were joined."""

    table: str
    before: TableSize
    after: TableSize


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """The files that no version of ``table`` younger than ``hours`` needs, and what they take."""

    table: str
    files: int
    size_bytes: int
    hours: int


def compact_table(home: Home, table: Table, wait_seconds: float) -> Compacted:
    """Join the files of each day of ``table``, in one commit a month; readers keep those of their version. Blocking.

    The lock is held for a month at a time, so that scans are stored in between.

    Raises:
        StoreBusy: another process holds the tables for longer than ``wait_seconds``.
        HomeUnusable: the table cannot be written; the months before are joined.
    """
    place = tables_of(home) / table.name
    before = measure_table(place)
    if before.version is None or table.kind is not TableKind.HISTORY:
        return Compacted(table.name, before, before)
    with told(place, "write"):
        for month in _scattered_months(_open(place)):
            with hold_lock(home.store_lock, wait_seconds):
                prepare_to_write(home, tables_of(home))
                _open(place).optimize.compact(
                    [(DAY.name, "in", month)], max_concurrent_tasks=1, writer_properties=_PARQUET
                )
    return Compacted(table.name, before, measure_table(place))


def vacuum_table(home: Home, table: Table, hours: int | None, wait_seconds: float, *, dry_run: bool) -> Vacuumed:
    """Delete files that only versions older than ``hours`` need, by default as long as upkeep keeps them. Blocking.

    Raises:
        StoreBusy, HomeUnusable: as `compact_table`.
    """
    place = tables_of(home) / table.name
    kept = KEEP_HOURS[table.kind] if hours is None else hours
    if measure_table(place).version is None:
        return Vacuumed(table.name, 0, 0, kept)
    with told(place, "write"), hold_lock(home.store_lock, wait_seconds):
        prepare_to_write(home, tables_of(home))
        opened = _open(place)
        # The default of deltalake refuses less than 7 days; full: also what a writer that was killed left behind.
        listed = opened.vacuum(kept, dry_run=True, enforce_retention_duration=False, full=True)
        there = list_sizes(place)
        old = [there[unquote(name)] for name in listed if unquote(name) in there]  # the log lists those gone too
        if old and not dry_run:
            opened.vacuum(kept, dry_run=False, enforce_retention_duration=False, full=True)
    return Vacuumed(table.name, len(old), sum(old), kept)


def _open(place: Place) -> DeltaTable:
    opened = place.open()
    if opened is None:
        raise FileNotFoundError(f"{place} is gone")
    return opened


def _scattered_months(opened: DeltaTable) -> list[list[str]]:
    """The days with more than one file, by month, oldest first."""
    months: defaultdict[str, list[str]] = defaultdict(list)
    for day, files in sorted(count_by_day(opened).items()):
        if day and files > 1:
            months[day[:7]].append(day)
    return list(months.values())
