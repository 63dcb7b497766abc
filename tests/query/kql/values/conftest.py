"""One row of values of every type, asked through the real gate, at a pinned instant."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from query.clock import create_clock, set_clock
from query.gate import check_query
from query.growth import create_growth_limits
from query.kql.bound import Schema
from query.kql.macros import create_macros
from query.kql.translate import translate
from query.kql.types import KqlType

Rows = tuple[list[tuple[str, str]], list[tuple[object, ...]]]

# i, s, t, d, r, p, g and m have values; n and b are null.
COLUMNS = (
    ("i", KqlType.INT),
    ("n", KqlType.LONG),
    ("s", KqlType.STRING),
    ("t", KqlType.DATETIME),
    ("d", KqlType.DYNAMIC),
    ("b", KqlType.BOOL),
    ("r", KqlType.REAL),
    ("p", KqlType.TIMESPAN),
    ("g", KqlType.GUID),
    ("m", KqlType.DECIMAL),
)
ROW = (
    '(5, NULL, \'Non-Critical\', \'2020-01-01 01:02:03.4\', \'{"a":{"b":[1,"x",null]},"k":"v"}\', NULL, 2.5, '
    "15000000, '74be27de-1e4e-49d9-b579-fe0b331d3642', 1.5)"
)


@pytest.fixture(scope="session")
def ask() -> Iterator[Callable[[str], Rows]]:
    """Answers a query of KQL: the columns with their types, and the rows. The table V has one row."""
    connection = duckdb.connect(":memory:")
    create_clock(connection)
    create_growth_limits(connection)
    create_macros(connection)
    set_clock(connection, datetime(2026, 11, 20, 12, tzinfo=UTC))
    connection.execute(f"CREATE TABLE V ({', '.join(f'{name} {type_.sql_type}' for name, type_ in COLUMNS)})")
    connection.execute(f"INSERT INTO V VALUES {ROW}")

    def answer(text: str) -> Rows:
        translation = translate(text, Schema({"V": COLUMNS}, {}))
        check_query(connection, translation.sql, ["V"])
        rows = connection.execute(translation.sql).fetchall()
        columns = [(column.name, column.type.value) for column in translation.columns]
        return columns, [tuple(_plain(value) for value in row) for row in rows]

    yield answer
    connection.close()


@pytest.fixture(scope="session")
def value_of(ask: Callable[[str], Rows]) -> Callable[[str], tuple[str, object]]:
    """The type and the value of an expression over the one row of V."""

    def value(expression: str) -> tuple[str, object]:
        columns, rows = ask(f"V | project x = {expression}")
        return columns[0][1], rows[0][0]

    return value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
