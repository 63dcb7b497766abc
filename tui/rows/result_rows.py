"""Answers of queries as rows: each value as text on one line, numbers to the right, sorted by the values themselves."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from fleet.hostile import clean
from query.values import convert
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from query.results import ResultColumn

# A CVE and most names of machines can be read in these; what a row is of stands in the first column.
_LEAST_CELLS = 14
_LEAST_CELLS_OF_FIRST = 24
# Half a time tells nothing: 2026-11-20 11:30:01Z.
_LEAST_CELLS_OF_TIME = 20
# A cell is cut at this many characters; the row can be seen whole.
CELL_CHARACTERS = 500
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
)
_NUMBERS = (*_WHOLE, "FLOAT", "DOUBLE", "DECIMAL")


def result_columns(columns: "Sequence[ResultColumn]") -> tuple[TableColumn, ...]:
    """The columns as the table shows them; all may give way but the first, the last one first."""
    return tuple(
        TableColumn(
            clean(column.name, 60),
            clean(column.name, 60),
            most=48,
            least=_least_cells(column) if index else _LEAST_CELLS_OF_FIRST,
            is_number=is_number(column),
            priority=1 if index else 0,
        )
        for index, column in enumerate(columns)
    )


def _least_cells(column: "ResultColumn") -> int:
    return _LEAST_CELLS_OF_TIME if column.type.startswith("TIMESTAMP") else _LEAST_CELLS


def is_number(column: "ResultColumn") -> bool:
    """Whether a column holds numbers."""
    return column.type.startswith(_NUMBERS)


class RowMaker:
    """Makes rows of the table from those of an answer with ``columns``, their values as DuckDB gives them."""

    def __init__(self, columns: "Sequence[ResultColumn]") -> None:
        self._writers = tuple(_writer(column.type) for column in columns)
        self._are_numbers = tuple(is_number(column) for column in columns)

    def __call__(self, number: int, values: Sequence[object]) -> Row:
        """Row ``number`` of the answer; its key is the number."""
        cells = tuple(["null" if value is None else write(value) for write, value in zip(self._writers, values)])  # noqa: B905 - as many
        tones = tuple(Tone.DIM if value is None else Tone.NORMAL for value in values) if None in values else ()
        order = tuple(map(_order, self._are_numbers, values, cells))
        return Row(str(number), cells, tones, order)


def _order(is_of_numbers: bool, value: object, cell: str) -> object:
    if value is None:
        return None
    if not is_of_numbers or not isinstance(value, int | float | Decimal):
        return cell.casefold()
    return None if value != value else value  # what is not a number has no place among numbers


def _writer(type_name: str) -> Callable[[object], str]:
    """How values of ``type_name`` are written; the types that most columns have in a tenth of the time."""
    if type_name == "TIMESTAMP":
        return _show_moment
    if type_name in _WHOLE:
        return str
    return _show_raw


def _show_moment(value: object) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        return f"{value.isoformat(' ', 'seconds')}Z"
    return _show_raw(value)


def _show_raw(value: object) -> str:
    return clean(value, CELL_CHARACTERS) if isinstance(value, str) else show_value(convert(value))


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


def describe_record(columns: "Sequence[ResultColumn]", values: Sequence[object]) -> list[tuple[Piece, Piece]]:
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
