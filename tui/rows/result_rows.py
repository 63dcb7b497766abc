"""Answers of queries as rows: each value as text on one line, numbers to the right, sorted by the values themselves."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from query.results import ResultColumn

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


def result_columns(columns: "Sequence[ResultColumn]") -> tuple[TableColumn, ...]:
    """The columns as the table shows them; all may give way but the first, the last one first."""
    return tuple(
        TableColumn(
            clean(column.name, 60),
            clean(column.name, 60),
            most=48,
            least=_LEAST_CELLS if index else _LEAST_CELLS_OF_FIRST,
            is_number=is_number(column),
            priority=1 if index else 0,
        )
        for index, column in enumerate(columns)
    )


def is_number(column: "ResultColumn") -> bool:
    """Whether a column holds numbers."""
    return column.type.startswith(_NUMBERS)


def result_row(number: int, values: tuple[object, ...], columns: "Sequence[ResultColumn]") -> Row:
    """Row ``number`` of an answer; its key is the number."""
    cells = tuple(show_value(value) for value in values)
    tones = tuple(Tone.DIM if value is None else Tone.NORMAL for value in values) if None in values else ()
    order = tuple(
        value if value is None or (is_number(column) and isinstance(value, int | float | Decimal)) else cell.casefold()
        for value, cell, column in zip(values, cells, columns, strict=True)
    )
    return Row(str(number), cells, tones, order)


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


def whole_value(value: object) -> str:
    """A value in full, on as many lines as it has: lists, objects and JSON texts indented."""
    if isinstance(value, list | dict):
        return json.dumps(value, default=str, ensure_ascii=False, indent=2)
    if not isinstance(value, str):
        return show_value(value)
    if value[:1] in ("{", "["):
        try:
            return json.dumps(json.loads(value), ensure_ascii=False, indent=2)
        except ValueError:
            return value
    return value


def describe_record(columns: "Sequence[ResultColumn]", values: Sequence[object]) -> list[tuple[Piece, ...]]:
    """One row of the answer, a column a line."""
    return [
        (
            Piece(clean(column.name, 60), Tone.DIM),
            Piece(show_value(value, 4_000), Tone.DIM if value is None else Tone.NORMAL),
        )
        for column, value in zip(columns, values, strict=True)
    ]


def named_in(columns: "Sequence[ResultColumn]", values: Sequence[object], name: str) -> str | None:
    """The text in the column called ``name``, whatever the case; None where there is none."""
    for column, value in zip(columns, values, strict=True):
        if column.name.casefold() == name.casefold() and isinstance(value, str):
            return value
    return None
