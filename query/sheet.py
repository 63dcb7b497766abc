"""Answers as a workbook of Excel, written row by row: memory holds one row, whatever the size of the answer.

Cells come from machines: a text is written as a text and never looked at, so that it is no formula, link or number.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from fleet.errors import QueryFailed
from fleet.hostile import scrub
from query.plain_values import cell_text, iso_time, plain_value
from query.results import Row, Rows

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

# Excel's specifications and limits: a sheet has 2^20 rows, 2^14 columns, a cell 32,767 characters (UTF-16 units).
MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767
# Numbers are floats there: 15 digits are exact.
_EXACT = 10**15
# Its calendar begins in 1900, and counts a 29 February of that year that never was.
_FIRST_DAY = date(1900, 3, 1)
_NARROWEST, _WIDEST = 8, 60
_ROWS_MEASURED = 1_000
_TITLE_CHARACTERS = 31


@dataclass(frozen=True, slots=True)
class SheetReport:
    """How many rows were written, and how many texts were cut because a cell holds no more."""

    rows: int
    cut: int

    @property
    def note(self) -> str:
        """What whoever asked for the sheet must know, in a sentence; empty if nothing."""
        if not self.cut:
            return ""
        texts = "1 text is" if self.cut == 1 else f"{self.cut:,} texts are"
        return (
            f"{texts} longer than the {MOST_CHARACTERS:,} characters of a cell in a sheet, and cut there: "
            "CSV and Parquet hold all."
        )


def write_sheet(rows: Rows, file: BinaryIO, aside: Path, title: str = "Result") -> SheetReport:
    """Write ``rows`` to ``file`` as a workbook with one sheet; a part is laid aside in the folder ``aside`` meanwhile.

    Times are dates of the sheet, in UTC; numbers of more than 15 digits, times before 1900 and whatever else a cell
    has no type for are texts.

    Raises:
        QueryFailed: there are more rows or columns than a sheet has room for; nothing usable was written.
    """
    from xlsxwriter.exceptions import XlsxWriterException

    if len(rows.columns) > MOST_COLUMNS:
        raise QueryFailed(f"A sheet has room for {MOST_COLUMNS:,} columns, and the answer has {len(rows.columns):,}.")
    with TemporaryDirectory(dir=aside, prefix=".sheet-") as folder:
        book = _open_book(file, folder)
        try:
            writer = _SheetWriter(book, title, rows)
            writer.write(rows.batches())
            writer.finish()
            book.close()
        except XlsxWriterException as error:
            raise OSError(str(error)) from error
        finally:
            book.fileclosed = True
        return SheetReport(writer.count, writer.cut)


def _open_book(file: BinaryIO, folder: str) -> "Workbook":
    from xlsxwriter import Workbook

    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "use_zip64": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    return Workbook(file, options)


class _SheetWriter:
    """Writes one sheet, from its heading on."""

    def __init__(self, book: "Workbook", title: str, rows: Rows) -> None:
        self.count = 0
        self.cut = 0
        self._sheet: Worksheet = book.add_worksheet(title[:_TITLE_CHARACTERS])
        self._time: Format = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day: Format = book.add_format({"num_format": "yyyy-mm-dd"})
        self._names = [self._fitting(scrub(column.name)) for column in rows.columns]
        self._widths = [len(name) for name in self._names]
        heading = book.add_format({"bold": True})
        for index, name in enumerate(self._names):
            self._sheet.write_string(0, index, name, heading)
        self._sheet.freeze_panes(1, 0)

    def write(self, batches: Iterable[list[Row]]) -> None:
        """Write all rows."""
        for batch in batches:
            if self.count + len(batch) >= MOST_ROWS:
                raise QueryFailed(
                    f"A sheet has room for {MOST_ROWS - 1:,} rows and a heading, and the answer has more: ask for "
                    "fewer, or write CSV or Parquet."
                )
            for row in batch:
                self.count += 1
                for index, value in enumerate(row):
                    if value is not None:
                        self._write_cell(index, value)

    def finish(self) -> None:
        """Make columns as wide as what was seen in them, and let the heading filter."""
        for index, width in enumerate(self._widths):
            self._sheet.set_column(index, index, min(max(width + 2, _NARROWEST), _WIDEST))
        if self._names:
            self._sheet.autofilter(0, 0, self.count, len(self._names) - 1)

    def _write_cell(self, index: int, value: object) -> None:
        shown = 19
        if isinstance(value, bool):
            self._sheet.write_boolean(self.count, index, value)
        elif isinstance(value, int | float | Decimal) and _is_exact(value):
            self._sheet.write_number(self.count, index, float(value))
        elif isinstance(value, datetime) and value.astimezone(UTC).date() >= _FIRST_DAY:
            self._sheet.write_datetime(self.count, index, value.astimezone(UTC).replace(tzinfo=None), self._time)
        elif isinstance(value, date) and not isinstance(value, datetime) and value >= _FIRST_DAY:
            self._sheet.write_datetime(self.count, index, value, self._day)
        else:
            shown = self._write_text(index, _text(value))
        if self.count <= _ROWS_MEASURED:
            self._widths[index] = max(self._widths[index], shown if not isinstance(value, int | float) else 8)

    def _write_text(self, index: int, text: str) -> int:
        fitting = self._fitting(text)
        self._sheet.write_string(self.count, index, fitting)
        return len(fitting)

    def _fitting(self, text: str) -> str:
        if len(text) * 2 <= MOST_CHARACTERS or _units(text) <= MOST_CHARACTERS:
            return text
        self.cut += 1
        # An ellipsis stands for what is missing; half of a pair of UTF-16 units is dropped.
        return text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"


def _units(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "replace")) // 2


def _is_exact(number: int | float | Decimal) -> bool:
    if isinstance(number, float):
        return math.isfinite(number)
    return -_EXACT < number < _EXACT


def _text(value: object) -> str:
    if isinstance(value, date):
        return iso_time(value)
    is_nested = isinstance(value, list | dict)
    text = json.dumps(plain_value(value), ensure_ascii=False) if is_nested else cell_text(value)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(scrub(line.replace("\t", " ")) for line in text.split("\n"))
