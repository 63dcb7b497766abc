"""`patchdeck tables load`: exported rows into one table, in one commit; rows that are there already are not taken.

A row is known if a stored one is the same in every column but the time of its load; docs/decisions/0010. Everything is
read before anything is written, so that a bad row, a full disk or a kill leaves the table as it was.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import polars as pl

from fleet.errors import BadInput, HomeUnusable
from fleet.exported_values import parse_exported
from fleet.records import Row, Value, blank_row
from fleet.tables import (
    ALERT,
    AUDIT,
    DAY,
    LOADED_AT,
    TABLES,
    UPDATE,
    UPDATE_HISTORY,
    Column,
    Table,
    TableKind,
)
from ops.home import Home
from ops.store.day_files import files_of_days
from ops.store.delta import StoredTable
from ops.store.frames import scan_frame
from ops.store.loading.files import BadLine, read_rows
from ops.store.loading.headings import Headings, Unknown
from ops.store.loading.report import FileReport, LoadReport, RowsRefused
from ops.store.loading.staging import FILE_NUMBER, AsideFile, Staging
from ops.store.lock import hold_lock
from ops.store.numbers import explain, first_line, told
from ops.store.pieces import Pieces
from ops.store.place import prepare_to_write, tables_of
from query.snapshots import LOADS

# Times outside of these are placeholders (year 1, year 9999), which would be the oldest and newest rows for ever.
_YEARS = range(1990, 2101)
_KEY = ("TimeGenerated", "Computer", "SourceComputerId")
# They are evidence: what is in them comes from state.db alone.
_OWN = (ALERT, AUDIT)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load: what becomes of columns that are not the table's, and of rows that cannot be taken."""

    unknown: Unknown = Unknown.REFUSE
    skip_bad: bool = False
    dry_run: bool = False


def _ignore(step: str) -> None:
    del step


class Loader:
    """Loads files into the table called for, stored in ``home``. Blocking. ``on_step`` is told of each step done.

    Raises:
        BadInput: the table holds what is true now, so that there is no past to load.
    """

    def __init__(
        self, home: Home, table: Table, options: LoadOptions, *, on_step: Callable[[str], None] = _ignore
    ) -> None:
        self._home = home
        self._asked = table
        self._table = _target_of(table)
        self._options = options
        self._on_step = on_step
        self._tables = tables_of(home)
        self._stored = StoredTable(self._tables, self._table)
        self._compared = [c.name for c in self._table.columns if c not in (DAY, LOADED_AT)]

    def load(self, paths: Sequence[Path], now: datetime, *, wait_seconds: float) -> LoadReport:
        """Take the rows of ``paths`` that are not there yet.

        Raises:
            RowsRefused: rows cannot be taken; nothing was loaded.
            BadInput: a file cannot be read, or has columns that the table has not.
            StoreBusy, HomeUnusable: the table cannot be written; nothing was loaded.
        """
        reports = tuple(FileReport(path) for path in paths)
        with self._told(), _scratch(self._home.temp_dir) as folder:
            staging, aside = Staging(folder / "rows", self._table), AsideFile(folder)
            try:
                for number, report in enumerate(reports):
                    self._read(report, number, staging, aside, now)
                self._on_step("read")
                if not self._options.skip_bad and any(report.refused for report in reports):
                    raise RowsRefused(LoadReport(self._table.name, reports))
                with hold_lock(self._home.store_lock, wait_seconds):
                    self._compare(staging, reports)
                    kept = None if self._options.dry_run else self._store(staging, aside, reports)
            finally:
                aside.close()
        return LoadReport(self._table.name, reports, kept)

    def _read(self, report: FileReport, number: int, staging: Staging, aside: AsideFile, now: datetime) -> None:
        headings = Headings(self._asked if self._asked is not UPDATE else UPDATE_HISTORY, self._options.unknown)
        for raw in read_rows(report.path):
            if isinstance(raw, BadLine):
                report.refuse(raw)
                continue
            named, strange = headings.sort(raw.values, f"{report.path}, line {raw.line}")
            try:
                row = self._typed(named, now)
            except ValueError as error:
                report.refuse(BadLine(raw.line, str(error)))
                continue
            staging.add(row, number)
            if strange and self._options.unknown is Unknown.ASIDE:
                aside.add(report.path, raw.line, {name: row[name] for name in _KEY if name in row}, strange)

    def _typed(self, named: dict[Column, object], now: datetime) -> Row:
        given = {column.name: parse_exported(column, value) for column, value in named.items()}
        at = given.get("TimeGenerated")
        if not isinstance(at, datetime):
            raise ValueError("TimeGenerated is missing")  # noqa: TRY004 - of the row, not of our code
        if at.year not in _YEARS:
            raise ValueError(f"TimeGenerated is in the year {at.year}: no machine was assessed then")
        ours: dict[str, Value] = {DAY.name: at.date()}
        if LOADED_AT in self._table.columns:
            ours[LOADED_AT.name] = now
        if not given.get("Type"):
            ours["Type"] = self._asked.name
        return {**blank_row(self._table), **given, **ours}

    def _compare(self, staging: Staging, reports: Sequence[FileReport]) -> None:
        """Keep the rows that are not stored yet, each once, and count them."""
        place = self._tables / self._table.name
        with told(place, "read"):
            opened = place.open()
        for days, staged in staging.groups():
            files = files_of_days(opened, days) if opened is not None else []
            stored = scan_frame(self._table, files, place).select(self._compared).collect()
            once = staged.unique(self._compared, keep="first", maintain_order=True)
            fresh = once.join(stored, on=self._compared, how="anti", nulls_equal=True)
            taken = dict(fresh[FILE_NUMBER].value_counts().iter_rows())
            for number, rows in staged[FILE_NUMBER].value_counts().iter_rows():
                reports[number].taken += taken.get(number, 0)
                reports[number].known += rows - taken.get(number, 0)
            if not fresh.is_empty():
                staging.keep(fresh.drop(FILE_NUMBER).sort(self._table.sort_by, maintain_order=True))
        self._on_step("compared")

    def _store(self, staging: Staging, aside: AsideFile, reports: Sequence[FileReport]) -> Path | None:
        kept = aside.publish(self._home.aside_dir, self._asked.name)
        self._on_step("aside")
        prepare_to_write(self._home, self._tables)
        if taken := sum(report.taken for report in reports):
            rows = Pieces(self._table, staging.fresh, taken)
            self._stored.commit(rows, LOADS, self._stored.last_number(LOADS) + 1)
            self._on_step("committed")
        return kept

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pl.exceptions.PolarsError) as error:
            why = error.strerror if isinstance(error, OSError) else first_line(error)
            if not why:
                why = explain(error, self._tables).rstrip(".")
            raise HomeUnusable(f"Cannot load into {self._table.name}: {why}. It is as it was.") from error


def _target_of(table: Table) -> Table:
    """Where rows of ``table`` go."""
    if table is UPDATE:
        return UPDATE_HISTORY
    if table in _OWN:
        raise BadInput(f"{table.name} tells what was done here and nothing else: no rows are loaded into it.")
    if table.kind is not TableKind.HISTORY:
        takers = (t for t in TABLES if t not in _OWN and (t is UPDATE or t.kind is TableKind.HISTORY))
        names = ", ".join(t.name for t in takers)
        raise BadInput(f"{table.name} holds what is true now and has no past to load. Rows can go to {names}.")
    return table


@contextmanager
def _scratch(temp_dir: Path) -> Iterator[Path]:
    """A folder that is gone at the end."""
    folder = temp_dir / f"load-{uuid4().hex}"
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def time_of_load() -> datetime:
    """The present, as `Loader.load` takes it."""
    return datetime.now(UTC)
