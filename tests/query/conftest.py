"""Real Delta tables with made-up rows, and engines over them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import write_deltalake

from fleet.tables import ColumnType, Table, TableKind, find_table
from query.engine import QueryEngine
from query.limits import Limits

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

_TYPES: dict[ColumnType, pl.DataType] = {
    ColumnType.STRING: pl.String(),
    ColumnType.DATETIME: pl.Datetime("us", "UTC"),
    ColumnType.DATE: pl.Date(),
    ColumnType.BOOL: pl.Boolean(),
    ColumnType.INT: pl.Int32(),
    ColumnType.LONG: pl.Int64(),
    ColumnType.REAL: pl.Float64(),
    ColumnType.DYNAMIC: pl.String(),
}

WriteRows = Callable[..., None]
OpenEngine = Callable[..., QueryEngine]


@pytest.fixture
def now() -> datetime:
    """The instant that engines of these tests take for now."""
    return NOW


@pytest.fixture
def tables_dir(tmp_path: Path) -> Path:
    """Where tables lie; empty at first."""
    folder = tmp_path / "tables"
    folder.mkdir()
    return folder


@pytest.fixture
def write_rows(tables_dir: Path) -> WriteRows:
    """Appends rows to a table: ``write_rows("Update", {"Computer": "web-01"}, …)``; what is left out is null."""

    def write(name: str, *rows: Mapping[str, object]) -> None:
        table = find_table(name)
        partitions = ["Day"] if table.kind is TableKind.HISTORY else None
        write_deltalake(tables_dir / name, _frame(table, rows), mode="append", partition_by=partitions)

    return write


@pytest.fixture
def open_engine(tables_dir: Path, tmp_path: Path) -> Iterator[OpenEngine]:
    """Opens engines at the fixed instant: ``open_engine(rows=10)``; they are closed after the test."""
    opened: list[QueryEngine] = []

    def open_one(**limits: object) -> QueryEngine:
        given = Limits(**{"seconds": 30.0, "threads": 2, **limits})  # type: ignore[arg-type]  # of several types
        opened.append(QueryEngine(tables_dir, tmp_path / "temp", given, now=NOW))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.close()


@pytest.fixture(scope="session")
def engine_over_nothing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """An engine over a home in which nothing was stored yet."""
    tables, temp = tmp_path_factory.mktemp("tables"), tmp_path_factory.mktemp("temp")
    with QueryEngine(tables, temp, Limits(seconds=30.0, threads=2), now=NOW) as engine:
        yield engine


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> QueryEngine:
    """An engine with ordinary limits. Tests that store nothing share one: to open it costs more than most of them."""
    stores = {"tables_dir", "write_rows", "open_engine"}.intersection(request.fixturenames)
    opened = request.getfixturevalue("open_engine")() if stores else request.getfixturevalue("engine_over_nothing")
    assert isinstance(opened, QueryEngine)
    return opened


def _frame(table: Table, rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    filled = [{**row, "Type": table.name} for row in rows]
    if table.kind is TableKind.HISTORY:
        filled = [{**row, "Day": _day(row)} for row in filled]
    unknown = {key for row in rows for key in row} - set(table.column_names)
    assert not unknown, f"{table.name} has no {unknown}"
    columns = {c.name: pl.Series(c.name, [row.get(c.name) for row in filled], _TYPES[c.type]) for c in table.columns}
    return pl.DataFrame(columns)


def _day(row: Mapping[str, object]) -> object:
    moment = row["TimeGenerated"]
    assert isinstance(moment, datetime)
    return moment.date()
