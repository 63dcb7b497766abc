"""Tables of text: rows with their lines, under a heading, separated by commas, semicolons, tabs or bars."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.errors import BadInput
from fleet.importing.listed import Place

_SEPARATORS = ",;\t|"
_EXCEL = re.compile(r"sep=(.)\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TableRow:
    """The cells of a row, without blanks around them, and where it begins."""

    place: Place
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that does not fit the heading, and why."""

    row: TableRow
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; ``headings`` are empty where it has none."""

    headings: tuple[str, ...]
    rows: tuple[TableRow, ...]
    broken: tuple[BrokenRow, ...] = ()


def read_table(path: str, text: str, *, has_heading: bool = True) -> Table:
    """The table in ``text``. Empty lines and lines that begin with ``#`` are none of it.

    Raises:
        BadInput: it is empty, or a quote is never closed.
    """
    records = [record for record in _records(path, text) if _is_row(record)]
    if not records:
        raise BadInput(f"{path}: it is empty.")
    headings = records[0].cells if has_heading else ()
    width = len(headings) or max(len(record.cells) for record in records)
    rows: list[TableRow] = []
    broken: list[BrokenRow] = []
    for record in records[1:] if has_heading else records:
        cells = _fitted(record.cells, width)
        if len(cells) == width:
            rows.append(TableRow(record.place, cells))
        else:
            reason = f"it has {len(cells)} values, and the heading {width}{_span(record)}"
            broken.append(BrokenRow(TableRow(record.place, cells), reason))
    return Table(headings, tuple(rows), tuple(broken))


def separator_of(text: str) -> str:
    """What separates the cells: whatever stands most often in the first line that is no comment."""
    if excel := _EXCEL.match(text):
        return excel[1]
    lines = (line for line in text.splitlines() if line.strip() and not line.startswith("#"))
    heading = re.sub(r'"[^"]*"', "", next(lines, ""))
    return max(_SEPARATORS, key=heading.count)


def _records(path: str, text: str) -> Iterator[TableRow]:
    separator = separator_of(text)
    first = 2 if _EXCEL.match(text) else 1
    lines = text.split("\n")[first - 1 :]
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=separator, strict=True)
    while True:
        begins_at = reader.line_num + first
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadInput(f"{path}:{begins_at}: this row cannot be read: {_why(error)}.") from error
        yield TableRow(Place(path, begins_at), tuple(cell.strip() for cell in cells))


def _why(error: csv.Error) -> str:
    text = str(error)
    is_open = "unexpected end" in text or "field larger" in text  # it swallows lines until the list, or patience, ends
    return "a quote is opened and never closed" if is_open else text


def _is_row(record: TableRow) -> bool:
    return any(record.cells) and not record.cells[0].startswith("#")


def _fitted(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Spreadsheets pad rows with empty cells."""
    fitted = list(cells)
    while len(fitted) > width and not fitted[-1]:
        fitted.pop()
    return tuple(fitted)


def _span(record: TableRow) -> str:
    lines = sum(cell.count("\n") for cell in record.cells)
    return f"; a quote joins {lines + 1} lines into one row" if lines else ""
