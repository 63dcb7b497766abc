"""Whether a table is whole: its log, every file in it, every row where it belongs; and how to go on if it is not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import polars as pl
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from fleet.errors import HomeUnusable
from fleet.tables import DAY, Table, TableKind
from ops.home import Home
from ops.store.day_files import day_of
from ops.store.frames import column_type
from ops.store.journal import sync_folder
from ops.store.lock import hold_lock
from ops.store.numbers import first_line

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
    path = home.tables_dir / table.name
    try:
        if not DeltaTable.is_deltatable(str(path)):
            return _check_leftovers(path, table)
        opened = DeltaTable(path)
        actions = opened.get_add_actions(flatten=True)
    except (DeltaError, OSError) as error:
        remedy = f"restore {path / '_delta_log'} from a backup"
        return (TableProblem(table.name, "", f"its log cannot be read: {first_line(error)}", remedy),)
    problems = [*_check_log(opened, table), *_check_commits(path, table)]
    columns = (actions.column(name).to_pylist() for name in ("path", "size_bytes", "num_records"))
    for name, size_bytes, rows in zip(*columns, strict=True):
        problems.extend(_check_file(path, table, unquote(name), size_bytes, rows))
    return tuple(problems)


def forget_lost_files(home: Home, table: Table, wait_seconds: float) -> tuple[TableProblem, ...]:
    """Go on without the files of ``table`` that are missing or torn, and say which; torn ones are kept in `aside`.

    Raises:
        StoreBusy: another process holds the tables for longer than ``wait_seconds``.
        HomeUnusable: it cannot be done.
    """
    path = home.tables_dir / table.name
    with hold_lock(home.store_lock, wait_seconds):
        lost = tuple(problem for problem in check_table(home, table) if problem.is_lost)
        if not lost:
            return ()
        try:
            home.aside_dir.mkdir(mode=0o700, exist_ok=True)
            for problem in lost:
                if (path / problem.file).exists():
                    (path / problem.file).rename(home.aside_dir / f"{table.name}-{Path(problem.file).name}")
            sync_folder(home.aside_dir)
            DeltaTable(path).repair(dry_run=False)
        except (DeltaError, OSError) as error:
            raise HomeUnusable(f"Cannot write the table {path}: {first_line(error)}") from error
    return lost


def _check_leftovers(path: Path, table: Table) -> tuple[TableProblem, ...]:
    files = list(path.rglob("*.parquet")) if path.is_dir() else []
    if not files:
        return ()
    what = f"it has {len(files)} files and no log"
    return (TableProblem(table.name, "", what, f"restore {path / '_delta_log'} from a backup"),)


def _check_log(opened: DeltaTable, table: Table) -> Iterator[TableProblem]:
    expected = [DAY.name] if table.kind is TableKind.HISTORY else []
    if opened.metadata().partition_columns != expected:
        what = f"it is partitioned by {', '.join(opened.metadata().partition_columns) or 'nothing'}"
        yield TableProblem(table.name, "", what, _FROM_ELSEWHERE)


def _check_commits(path: Path, table: Table) -> Iterator[TableProblem]:
    """Commits that a loss of power cut short: deltalake takes an empty one for one that changed nothing."""
    for commit in sorted((path / "_delta_log").glob("*.json")):
        try:
            is_whole = bool([json.loads(line) for line in commit.read_text("utf-8").splitlines()])
        except (OSError, ValueError):
            is_whole = False
        if not is_whole:
            name = str(commit.relative_to(path))
            yield TableProblem(table.name, name, "this commit is torn: what it wrote is not read", _TORN_COMMIT)


def _check_file(path: Path, table: Table, name: str, size_bytes: int, rows: int | None) -> Iterator[TableProblem]:
    file = path / name

    def lost(what: str) -> TableProblem:
        return TableProblem(table.name, name, what, _RESTORE, is_lost=True)

    try:
        found = file.stat().st_size
    except OSError as error:
        yield lost(f"it is missing ({error.strerror})")
        return
    if found != size_bytes:
        yield lost(f"it has {found:,} bytes, and {size_bytes:,} by the log: it is torn or was changed")
        return
    try:
        scanned = pl.scan_parquet(file, hive_partitioning=False, glob=False)
        yield from _check_schema(table, name, scanned.collect_schema())
        counted, outside = _count(scanned, day_of(f"/{name}"), table)
    except (pl.exceptions.PolarsError, OSError) as error:
        yield lost(f"it cannot be read as Parquet: {first_line(error)}")
        return
    if rows is not None and counted != rows:
        yield lost(f"it has {counted:,} rows, and {rows:,} by the log")
    if outside:
        yield TableProblem(
            table.name, name, f"{outside:,} of its rows are of another day than its folder", _FROM_ELSEWHERE
        )


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
