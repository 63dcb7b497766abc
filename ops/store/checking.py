"""Whether a table is whole: its log, every file in it, every row where it belongs; and how to go on if it is not."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from collectors.handed_down import folder_mode
from fleet.tables import DAY, Table, TableKind
from ops.home import Home
from ops.store.day_files import day_of
from ops.store.frames import column_type, scan_file
from ops.store.journal import sync_folder
from ops.store.lock import hold_lock
from ops.store.numbers import explain, first_line, told
from ops.store.place import prepare_to_write, tables_of
from ops.store.table_files import list_sizes, read_commits, take_away
from query.place import Place

_RESTORE = "put it back from a backup; without one, patchdeck tables check --forget goes on without its rows"
_TORN_COMMIT = "put it back from a backup; without one, scan again, or load its rows anew"
_FROM_ELSEWHERE = "it was written by another program: restore the table from a backup, or load its rows anew"


@dataclass(frozen=True, slots=True)
class TableProblem:
    """Something that is wrong with ``file`` of ``table``, empty for the table itself, and what to do about it."""

    table: str
    file: str
    what: str
    remedy: str
    is_lost: bool = False


def check_table(home: Home, table: Table) -> tuple[TableProblem, ...]:
    """What is wrong with ``table``; reads every file. Takes no lock: a version is checked as it was. Blocking."""
    place = tables_of(home) / table.name
    if not place.is_local:
        with told(place, "read"):
            list_sizes(place, "_delta_log")  # a store that does not answer says nothing of the table
    try:
        opened = place.open()
        if opened is None:
            return _check_leftovers(place, table)
        actions = opened.get_add_actions(flatten=True)
    except (DeltaError, OSError) as error:
        remedy = f"restore {place / '_delta_log'} from a backup"
        return (TableProblem(table.name, "", f"its log cannot be read: {explain(error, place)}", remedy),)
    with told(place, "read"):
        sizes = list_sizes(place)
        problems = [*_check_log(opened, table), *_check_commits(place, table)]
        columns = (actions.column(name).to_pylist() for name in ("path", "size_bytes", "num_records"))
        for name, size_bytes, rows in zip(*columns, strict=True):
            problems.extend(_check_file(_File(place, unquote(name), size_bytes, rows), table, sizes))
    return tuple(problems)


def forget_lost_files(home: Home, table: Table, wait_seconds: float) -> tuple[TableProblem, ...]:
    """Go on without the files of ``table`` that are missing or torn, and say which; torn ones are kept in `aside`.

    Raises:
        StoreBusy: another process holds the tables for longer than ``wait_seconds``.
        HomeUnusable: it cannot be done.
    """
    tables = tables_of(home)
    place = tables / table.name
    with hold_lock(home.store_lock, wait_seconds):
        lost = tuple(problem for problem in check_table(home, table) if problem.is_lost)
        if not lost:
            return ()
        prepare_to_write(home, tables)
        with told(place, "write"):
            home.aside_dir.mkdir(mode=folder_mode(home.path), exist_ok=True)
            for problem in lost:
                take_away(place, problem.file, home.aside_dir / f"{table.name}-{Path(problem.file).name}")
            sync_folder(home.aside_dir)
            if (opened := place.open()) is not None:
                opened.repair(dry_run=False)
    return lost


def _check_leftovers(place: Place, table: Table) -> tuple[TableProblem, ...]:
    files = [name for name in list_sizes(place) if name.endswith(".parquet")]
    if not files:
        return ()
    what = f"it has {len(files)} files and no log"
    return (TableProblem(table.name, "", what, f"restore {place / '_delta_log'} from a backup"),)


def _check_log(opened: DeltaTable, table: Table) -> Iterator[TableProblem]:
    expected = [DAY.name] if table.kind is TableKind.HISTORY else []
    if opened.metadata().partition_columns != expected:
        what = f"it is partitioned by {', '.join(opened.metadata().partition_columns) or 'nothing'}"
        yield TableProblem(table.name, "", what, _FROM_ELSEWHERE)


def _check_commits(place: Place, table: Table) -> Iterator[TableProblem]:
    """Commits that a loss of power cut short: deltalake takes an empty one for one that changed nothing."""
    for name, content in read_commits(place):
        try:
            is_whole = bool([json.loads(line) for line in (content or b"").splitlines()])
        except ValueError:
            is_whole = False
        if not is_whole:
            yield TableProblem(table.name, name, "this commit is torn: what it wrote is not read", _TORN_COMMIT)


@dataclass(frozen=True, slots=True)
class _File:
    """A file as the log has it."""

    place: Place
    name: str
    size_bytes: int
    rows: int | None


def _check_file(file: _File, table: Table, sizes: Mapping[str, int]) -> Iterator[TableProblem]:
    def lost(what: str) -> TableProblem:
        return TableProblem(table.name, file.name, what, _RESTORE, is_lost=True)

    found = sizes.get(file.name)
    if found is None:
        yield lost("it is missing")
        return
    if found != file.size_bytes:
        yield lost(f"it has {found:,} bytes, and {file.size_bytes:,} by the log: it is torn or was changed")
        return
    try:
        scanned = scan_file((file.place / file.name).target, file.place)
        yield from _check_schema(table, file.name, scanned.collect_schema())
        counted, outside = _count(scanned, day_of(f"/{file.name}"), table)
    except (pl.exceptions.PolarsError, OSError) as error:
        if isinstance(error, OSError) and not file.place.is_local:
            raise  # of the store, not of the file
        yield lost(f"it cannot be read as Parquet: {first_line(error)}")
        return
    if file.rows is not None and counted != file.rows:
        yield lost(f"it has {counted:,} rows, and {file.rows:,} by the log")
    if outside:
        what = f"{outside:,} of its rows are of another day than its folder"
        yield TableProblem(table.name, file.name, what, _FROM_ELSEWHERE)


def _check_schema(table: Table, name: str, schema: pl.Schema) -> Iterator[TableProblem]:
    for column in table.columns:
        expected = column_type(column)
        found = schema.get(column.name, expected)
        if found not in (expected, pl.Null()):
            what = f"its column {column.name} is {found}, not {expected}"
            yield TableProblem(table.name, name, what, _FROM_ELSEWHERE)


def _count(scanned: pl.LazyFrame, day: str, table: Table) -> tuple[int, int]:
    """The rows of a file, all of which are decoded, and how many are not of ``day``."""
    is_history = table.kind is TableKind.HISTORY
    of_day = pl.col("TimeGenerated").dt.date().cast(pl.String()) == day
    outside = (~of_day).sum() if is_history else pl.lit(0)
    # Every value is looked at, so that a page that cannot be decoded shows.
    decoded = [pl.col(name).hash().sum().alias(f"_{index}") for index, name in enumerate(scanned.collect_schema())]
    counted = scanned.select(pl.len().alias("rows"), outside.alias("outside"), *decoded).collect()
    return int(counted["rows"][0]), int(counted["outside"][0] or 0)
