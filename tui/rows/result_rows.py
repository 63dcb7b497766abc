"""Answers of queries as rows: each value as text on one line, numbers to the right, sorted by the values themselves."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from query.results import Result

# A CVE and most names of machines can be read in these; what a row is of stands in the first column.
_LEAST_CELLS = 14
_LEAST_CELLS_OF_FIRST = 24
# A cell is cut at this many characters; the row can be seen whole.
CELL_CHARACTERS = 500
_NUMBERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "DECIMAL",
)


def result_columns(result: "Result") -> tuple[TableColumn, ...]:
    """The columns; all may give way but the first, the last one first."""
    return tuple(
        TableColumn(
            clean(column.name, 60),
            clean(column.name, 60),
            most=48,
            least=_LEAST_CELLS if index else _LEAST_CELLS_OF_FIRST,
            is_number=column.type.startswith(_NUMBERS),
            priority=1 if index else 0,
        )
        for index, column in enumerate(result.columns)
    )


def result_rows(result: "Result") -> list[Row]:
    """The rows; the key of each is its number in the answer."""
    numeric = [column.type.startswith(_NUMBERS) for column in result.columns]
    return [_row(number, values, numeric) for number, values in enumerate(result.rows)]


def show_value(value: object, limit: int = CELL_CHARACTERS) -> str:
    """A value on one line: times in ISO 8601 with Z, lists and objects as JSON, null as ``null``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(sep=" ", timespec="seconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.1f}"
    if isinstance(value, int | Decimal):
        return str(value)
    if isinstance(value, list | dict):
        return clean(json.dumps(value, default=str, ensure_ascii=False), limit)
    return clean(str(value), limit)


def describe_record(result: "Result", number: int) -> list[tuple[Piece, ...]]:
    """One row of the answer, a column a line."""
    names = [clean(column.name, 60) for column in result.columns]
    values = result.rows[number]
    return [
        (Piece(name, Tone.DIM), Piece(show_value(value, 4_000), Tone.DIM if value is None else Tone.NORMAL))
        for name, value in zip(names, values, strict=True)
    ]


def machine_named_in(result: "Result", number: int) -> str | None:
    """The machine that a row of the answer is about: its column Computer, None where it has none."""
    for column, value in zip(result.columns, result.rows[number], strict=True):
        if column.name.casefold() == "computer" and isinstance(value, str):
            return value
    return None


def _row(number: int, values: tuple[object, ...], numeric: list[bool]) -> Row:
    cells = tuple(show_value(value) for value in values)
    tones = tuple(Tone.DIM if value is None else Tone.NORMAL for value in values) if None in values else ()
    order = tuple(
        value if value is None or (is_number and isinstance(value, int | float | Decimal)) else cell.casefold()
        for value, cell, is_number in zip(values, cells, numeric, strict=True)
    )
    return Row(str(number), cells, tones, order)
