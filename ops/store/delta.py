"""One Delta table: read, written in one commit that carries its number, kept small."""

import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import unquote

import polars as pl
from arro3.core import RecordBatch, RecordBatchReader
from arro3.core import Table as ArrowTable
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError

from fleet.errors import HomeUnusable
from fleet.tables import DAY, Table, TableKind
from ops.logs import log_error
from ops.store.frames import make_frame, scan_frame
from ops.store.journal import sync_folder
from ops.store.numbers import explain, last_number, told
from ops.store.pieces import Pieces
from query.place import Place, files_of, place_of

# Level 3 of zstd writes 100,000 rows of Update in half the time of level 9, and they are 4 % larger.
# A group of rows is read as a whole where a few of them are wanted.
_PARQUET = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=16_384)
# What is handed over at once is copied as a whole, some kilobytes a row; only few rows are, which keeps their order.
_MOST_ROWS_AT_ONCE = 16_384
_ROWS_AT_ONCE = 4_096

# A reader opens a version and then its files, one after the other, as long as its query lasts. CURRENT tables are
# rewritten whole at every commit, so their old files go after 2 hours, far beyond any query; those of HISTORY, of
# which there are few, after a day.
KEEP_HOURS = {TableKind.CURRENT: 2, TableKind.HISTORY: 24}
# Parquet of our tables is a tenth to a thirtieth of what they take in memory; a commit's log is some kilobytes.
_COMPRESSION = 10
_COMMIT_BYTES = 65_536
# Below this many files a day, opening them costs less than writing them anew.
_FILES_WORTH_COMPACTING = 8
_DAYS_COMPACTED_AT_ONCE = 7


class StoredTable:
    """The Delta table of ``table`` among ``tables``, of which a path is local; it is made by the first commit."""

    def __init__(self, tables: Path | Place, table: Table) -> None:
        self.table = table
        self._place = place_of(tables) / table.name
        self._opened: DeltaTable | None = None

    def last_number(self, app_id: str) -> int:
        """The number of the last commit that ``app_id`` made, 0 if it made none."""
        if self._place.is_local:
            return last_number(self._place, app_id)
        with self._told("read"):
            opened = self._open()
            return 0 if opened is None else opened.transaction_version(app_id) or 0

    def read(self, columns: Sequence[str] | None = None, where: pl.Expr | None = None) -> pl.DataFrame:
        """All rows, with the columns declared now; of these only ``columns``, and only the rows for which ``where``
        holds: what is not asked for is not even read.
        """
        with self._told("read"):
            rows = self.scan() if where is None else self.scan().filter(where)
            return (rows if columns is None else rows.select(columns)).collect()

    def scan(self) -> pl.LazyFrame:
        """All rows, with the columns declared now, to be read in parts; a later commit does not change them."""
        with self._told("read"):
            opened = self._open()
            return scan_frame(self.table, [] if opened is None else files_of(opened), self._place)

    def commit(self, rows: pl.DataFrame | Pieces, app_id: str, number: int) -> None:
        """Write ``rows`` in one commit: added to a HISTORY table, in the place of all rows of a CURRENT one.

        They lie in the file in their order; tens of thousands in `Pieces` only nearly so.

        Raises:
            HomeUnusable: it cannot be written; the table is as it was.
        """
        is_history = self.table.kind is TableKind.HISTORY
        with self._told("write"):
            if self._place.is_local:
                _try_to_write(self._place.path, int(rows.estimated_size()))
            write_deltalake(
                self._open() or self._place.target if self._place.access else self._place.target,
                rows if isinstance(rows, pl.DataFrame) else _stream(rows),
                mode="append" if is_history else "overwrite",
                schema_mode="merge" if is_history else "overwrite",
                partition_by=[DAY.name] if is_history else None,
                name=self.table.name,
                description=self.table.meaning,
                writer_properties=_PARQUET,
                commit_properties=CommitProperties(app_transactions=[Transaction(app_id, number)]),
                storage_options=self._place.access.for_deltalake() if self._place.access else None,
            )
            if self._place.is_local:
                _sync(self._place.path)

    def keep_small(self, today: date) -> None:
        """Join the small files of days before ``today``, and delete files that no reader can be at any more.

        What fails is logged and tried again the next time: the table is whole without it.
        """
        try:
            opened = self._open()
            if opened is None:
                return
            for day in _scattered_days(opened, today):
                opened.optimize.compact([(DAY.name, "=", day)], writer_properties=_PARQUET)
            opened.vacuum(
                KEEP_HOURS[self.table.kind],
                dry_run=False,
                enforce_retention_duration=False,  # the default refuses less than 7 days
                full=True,  # also what a writer that was killed left behind
            )
        except (DeltaError, OSError) as error:
            log_error("table not tidied", error, table=self.table.name)

    def _open(self) -> DeltaTable | None:
        """The newest version. Of a table in an object store only what is new since the last look is read."""
        if self._place.is_local or self._opened is None:
            self._opened = self._place.open()
        else:
            self._opened.update_incremental()
        return self._opened

    @contextmanager
    def _told(self, deed: str) -> Iterator[None]:
        with told(self._place, deed):
            try:
                yield
            except pl.exceptions.PolarsError as error:
                raise HomeUnusable(f"Cannot {deed} the table {self._place}: {explain(error, self._place)}") from error


def _try_to_write(table: Path, size_bytes: int) -> None:
    """Raises OSError where a commit would fail: deltalake then prints a panic on the terminal, past our errors."""
    table.mkdir(parents=True, exist_ok=True)
    for folder in (table, table / "_delta_log"):
        if folder.is_dir():
            with TemporaryFile(dir=folder) as file:
                os.posix_fallocate(file.fileno(), 0, size_bytes // _COMPRESSION + _COMMIT_BYTES)


def _sync(table: Path) -> None:
    """Make the last commit survive a loss of power; deltalake leaves that to the file system."""
    log = table / "_delta_log"
    commit = max(log.glob("[0-9]*.json"))  # by its number of twenty digits; only the writer of the home commits
    # As bytes: of text, more ends a line than what ends one of JSON, and names hold what they like.
    actions = map(json.loads, commit.read_bytes().splitlines())
    files = [table / unquote(action["add"]["path"]) for action in actions if "add" in action]
    for file in (*files, commit):
        _sync_file(file)
    for folder in {file.parent for file in files} | {log, table}:
        sync_folder(folder)


def _stream(pieces: Pieces) -> pl.DataFrame | RecordBatchReader:
    """``pieces`` as deltalake takes them: few rows together, many as it asks for them."""
    if pieces.rows_at_most <= _MOST_ROWS_AT_ONCE:
        return pl.concat(pieces.make())

    def batches() -> Iterator[RecordBatch]:
        for piece in pieces.make():
            for some in piece.iter_slices(_ROWS_AT_ONCE):
                yield from ArrowTable.from_arrow(some).to_batches()

    return RecordBatchReader.from_batches(ArrowTable.from_arrow(make_frame(pieces.table, ())).schema, batches())


def today_in_utc() -> date:
    """The present day in UTC."""
    return datetime.now(UTC).date()


def _scattered_days(opened: DeltaTable, today: date) -> list[str]:
    """Days that are over and lie in many files, oldest first."""
    days = Counter(uri.partition(f"/{DAY.name}=")[2][:10] for uri in opened.file_uris())
    scattered = (
        day for day, files in days.items() if files >= _FILES_WORTH_COMPACTING and "" < day < today.isoformat()
    )
    return sorted(scattered)[:_DAYS_COMPACTED_AT_ONCE]


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
