"""Tables in memory that KQL is asked over, through the real gate, at a pinned instant."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from fleet.tables import TABLES
from query.clock import create_clock, set_clock
from query.gate import check_query
from query.growth import create_growth_limits
from query.kql.bound import Schema
from query.kql.translate import translate
from query.kql.types import KqlType
from query.macros import Macros

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[4] / "shared" / "kql"


@dataclass(frozen=True, slots=True)
class KqlAnswer:
    """What a query gave: columns with their types, rows, and the SQL that it became."""

    columns: list[tuple[str, str]]
    rows: list[tuple[object, ...]]
    sql: str

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _ in self.columns]


class Kusto:
    """Tables in memory, asked in KQL."""

    def __init__(self) -> None:
        self.connection = duckdb.connect(":memory:")
        create_clock(self.connection)
        self._macros = Macros(self.connection)
        create_growth_limits(self.connection)
        set_clock(self.connection, NOW)
        self._tables: dict[str, tuple[tuple[str, KqlType], ...]] = {}

    def add(self, name: str, columns: Mapping[str, KqlType], rows: Iterable[Sequence[object]]) -> None:
        """Create a table, with a Day as every view of ours has it; None is null, in texts too."""
        self._tables[name] = tuple(columns.items())
        typed = ", ".join(f'"{column}" {type_.sql_type}' for column, type_ in columns.items())
        self.connection.execute(f'CREATE TABLE "{name}" ({typed}, "Day" DATE)')
        marks = ", ".join("?" for _ in columns)
        for row in rows:
            self.connection.execute(f'INSERT INTO "{name}" VALUES ({marks}, NULL)', list(row))

    def forget(self) -> None:
        """Drop all tables."""
        for name in self._tables:
            self.connection.execute(f'DROP TABLE "{name}"')
        self._tables.clear()

    def schema(self, **parameters: KqlType) -> Schema:
        """The tables, and parameters of the query."""
        return Schema(self._tables, parameters)

    def fetch(self, sql: str, values: Mapping[str, object] | None = None) -> list[tuple[object, ...]]:
        """The rows of translated SQL."""
        self._macros.provide(sql)
        return self.connection.execute(sql, values).fetchall()

    def ask(self, text: str) -> KqlAnswer:
        """The answer to a query."""
        translation = translate(text, self.schema())
        check_query(self.connection, translation.sql, self._tables)
        rows = self.fetch(translation.sql)
        return KqlAnswer([(column.name, column.type.value) for column in translation.columns], rows, translation.sql)


@pytest.fixture(scope="session")
def kusto_once() -> Iterator[Kusto]:
    """Tables in memory, made once: opening one costs more than most questions."""
    opened = Kusto()
    yield opened
    opened.connection.close()


@pytest.fixture
def kusto(kusto_once: Kusto) -> Iterator[Kusto]:
    """Tables in memory: none at first, and none of them is left for the next test."""
    yield kusto_once
    kusto_once.forget()


@pytest.fixture(scope="session")
def update_management() -> Iterator[Kusto]:
    """The small tables that the published queries are asked over."""
    if not SHARED.is_dir():
        pytest.skip("the shared fixture is not beside this checkout")
    opened = Kusto()
    declared = {
        (table.name, column.name): KqlType(column.type.value)
        for table in TABLES
        for column in table.columns
        if column.type.value != "date"
    }
    for path in sorted((SHARED / "fixture").glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        guessed = {name: KqlType.LONG if isinstance(value, int) else KqlType.STRING for name, value in rows[0].items()}
        columns = {name: declared.get((path.stem, name), guess) for name, guess in guessed.items()}
        opened.add(path.stem, columns, ([_stored(row[name], type_) for name, type_ in columns.items()] for row in rows))
    yield opened
    opened.connection.close()


def _stored(value: object, type_: KqlType) -> object:
    return value.removesuffix("Z") if type_ is KqlType.DATETIME and isinstance(value, str) else value


@pytest.fixture(scope="session")
def comparable() -> Callable[[Sequence[Sequence[object]], Sequence[str]], list[list[object]]]:
    """Makes rows comparable, ours and printed ones: columns are given by their types."""

    def convert(rows: Sequence[Sequence[object]], types: Sequence[str]) -> list[list[object]]:
        return [[_comparable(value, type_) for value, type_ in zip(row, types, strict=True)] for row in rows]

    return convert


def _comparable(value: object, type_: str) -> object:
    if value is None:
        return "" if type_ == "string" else None
    if type_ == "datetime":
        text = value.isoformat(timespec="microseconds") if isinstance(value, datetime) else str(value).rstrip("Z")
        return text[:26] if "." in text else text + ".000000"
    if type_ in ("real", "decimal") and isinstance(value, int | float | Decimal):
        return float(f"{float(value):.7g}")
    return value
