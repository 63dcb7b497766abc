"""Rows of runs in the tables: what deployments add, whole batches at a time, each row once whatever crashes between.

A batch is a file in `pending/runs/` first, as scans are files in `pending/`. What a table holds already of a machine of
a run, or of a run as a whole, is not written again: so a batch may be accepted or stored a second time, in parts too.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from collectors.handed_down import file_mode, folder_mode
from fleet.errors import HomeUnusable
from fleet.records import Row, Value
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS, ColumnType, Table
from ops.home import Home
from ops.logs import log_error
from ops.store.journal import sync_folder
from ops.store.lock import hold_lock

if TYPE_CHECKING:
    from ops.store.delta import StoredTable

RUN_TABLES: tuple[Table, ...] = (UPDATE_RUN_PROGRESS, DEPLOYMENT_RUN, MACHINE_RUN)
# The number of the last batch of these rows in a table, beside those of scans.
_RUNS = "patchdeck.runs"
_UNREADABLE = "unreadable-"
# What rows of a table are of: all of them that are alike in this are written together.
_KEYS = {table.name: ("CorrelationId", "SourceComputerId") for table in RUN_TABLES} | {
    DEPLOYMENT_RUN.name: ("CorrelationId",)
}


@dataclass(frozen=True, slots=True)
class RunRows:
    """Rows by name of table; all of a machine of a run are in one batch. ``id`` is unique and part of a file name."""

    id: str
    rows: Mapping[str, Sequence[Row]]


def _ignore(step: str) -> None:
    del step


class RunRowStore:
    """The rows of runs in ``home``. Its methods block. ``on_step`` is told of each step that is done."""

    def __init__(self, home: Home, on_step: Callable[[str], None] = _ignore) -> None:
        self._home = home
        self._folder = home.pending_dir / "runs"
        self._on_step = on_step

    def commit(self, batch: RunRows, *, wait_seconds: float) -> None:
        """Store ``batch``, and whatever lies there from before.

        Raises:
            StoreBusy: another process holds the tables; the batch is kept, and the next one stores it.
            HomeUnusable: it cannot be written.
        """
        self.accept(batch)
        self._on_step("accepted rows")
        with hold_lock(self._home.store_lock, wait_seconds):
            self.store_pending()

    def accept(self, batch: RunRows) -> None:
        """Write ``batch`` down, whole or not at all; afterwards a crash does not lose it.

        Raises:
            HomeUnusable: it cannot be written.
        """
        path = self._folder / f"{batch.id}.json"
        aside = self._folder / f".{batch.id}.{os.getpid()}"
        try:
            pending = self._folder.parent
            pending.mkdir(mode=folder_mode(pending.parent), exist_ok=True)
            self._folder.mkdir(mode=folder_mode(pending), exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
            with os.fdopen(os.open(aside, flags, file_mode(self._folder)), "wb") as file:
                file.write(write_rows(batch))
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            sync_folder(self._folder)
        except OSError as error:
            with suppress(OSError):
                aside.unlink()
            raise HomeUnusable(f"Cannot write rows of a run to {path}: {error.strerror}.") from error

    def has_pending(self) -> bool:
        """Whether something was accepted and is not wholly stored."""
        return bool(self._files())

    def store_pending(self) -> None:
        """Store what was accepted, in order; for the holder of the tables' lock. What cannot be read is set aside.

        Raises:
            HomeUnusable: it cannot be written; what is left is stored the next time.
        """
        for path in self._files():
            try:
                self._store(read_rows(path.stem, path.read_bytes()))
            except (ValueError, TypeError, LookupError, ArithmeticError) as error:
                log_error("rows of a run set aside", error, path=path)
                path.rename(path.with_name(f"{_UNREADABLE}{path.name}"))
            else:
                path.unlink()
                self._on_step("removed rows")

    def _store(self, batch: RunRows) -> None:
        from ops.store.delta import StoredTable
        from ops.store.frames import make_frame
        from ops.store.place import prepare_to_write, tables_of

        place = prepare_to_write(self._home, tables_of(self._home))
        for table in RUN_TABLES:
            stored = StoredTable(place, table)
            known = _stored_keys(stored, table, batch.rows.get(table.name, ()))
            fresh = [row for row in batch.rows.get(table.name, ()) if _key(table, row) not in known]
            if fresh:
                stored.commit(make_frame(table, fresh), _RUNS, stored.last_number(_RUNS) + 1)
                self._on_step(f"stored {table.name}")

    def _files(self) -> list[Path]:
        try:
            names = [path for path in self._folder.iterdir() if path.suffix == ".json"]
        except FileNotFoundError:
            return []
        return sorted(path for path in names if not path.name.startswith((".", _UNREADABLE)))


def write_rows(batch: RunRows) -> bytes:
    """The rows of ``batch`` as JSON, without empty values."""
    plain = {name: [_write_row(row) for row in rows] for name, rows in batch.rows.items()}
    return json.dumps(plain, separators=(",", ":")).encode("ascii")


def read_rows(batch_id: str, text: bytes) -> RunRows:
    """The batch that `write_rows` wrote.

    Raises:
        ValueError, TypeError, LookupError: it is not one.
    """
    tables = {table.name: table for table in RUN_TABLES}
    plain = json.loads(text)
    return RunRows(batch_id, {name: [_read_row(tables[name], row) for row in rows] for name, rows in plain.items()})


def _write_row(row: Row) -> dict[str, object]:
    held = {name: value for name, value in row.items() if value is not None and value != ""}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in held.items()}


def _read_row(table: Table, plain: Mapping[str, str | float | bool]) -> Row:
    row: dict[str, Value] = {}
    for column in table.columns:
        value: Value = plain.get(column.name, "" if column.type is ColumnType.STRING else None)
        if isinstance(value, str) and column.type is ColumnType.DATETIME:
            value = datetime.fromisoformat(value)
        elif isinstance(value, str) and column.type is ColumnType.DATE:
            value = date.fromisoformat(value)
        row[column.name] = value
    return row


def _key(table: Table, row: Row) -> tuple[Value, ...]:
    return tuple(row[name] for name in _KEYS[table.name])


def _stored_keys(stored: "StoredTable", table: Table, rows: Iterable[Row]) -> set[tuple[Value, ...]]:
    import polars as pl

    runs = sorted({str(row["CorrelationId"]) for row in rows})
    if not runs:
        return set()
    keys = stored.scan().filter(pl.col("CorrelationId").is_in(runs)).select(_KEYS[table.name]).unique()
    return set(keys.collect().iter_rows())
