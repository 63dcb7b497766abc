"""Answers as text: JSON, NDJSON, CSV and Markdown, batch by batch. Others: `query.sheet`, `query.arrow_files`.

Cells come from machines and are hostile: what a spreadsheet would run as a formula is made text, and characters that
steer a terminal are escaped (JSON) or replaced (CSV).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TextIO

from fleet.errors import UnknownName
from fleet.hostile import scrub
from query.markdown import write_markdown
from query.plain_values import cell_text, plain_value
from query.results import ResultColumn, Row, Rows

FORMATS = ("json", "ndjson", "csv", "markdown")

# What OWASP's page on CSV injection lists, and the full-width forms that some spreadsheets fold to them.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
# Where the decimal point is a comma, spreadsheets take a semicolon, also one within quotes, for the end of a cell.
_FORMULA_WITHIN = re.compile(r"([;\n][ \t\"']*)(?=[=+\-@＝＋－＠])")
_BLANKS = re.compile(r"([\t\n])")


def write_rows(rows: Rows, format_name: str, stream: TextIO) -> int:
    """Write ``rows`` to ``stream`` in one of `FORMATS`, and return how many there were.

    JSON is an array of objects, NDJSON an object a line, keyed by column name in column order. Times are ISO 8601 with
    Z, days are days; NaN and infinity are null, a column of JSON is nested. CSV has a heading and empty cells for
    null; what begins like a formula, in a text or behind a semicolon in it, gets an apostrophe before it, numbers are
    left alone, line breaks in cells are newlines. Markdown: see `query.markdown`.

    Raises:
        UnknownName: there is no such format.
        QueryFailed, QueryTimedOut, QueryCancelled: the query came to a bad end meanwhile.
    """
    writers = {"json": _write_json, "ndjson": _write_ndjson, "csv": _write_csv, "markdown": write_markdown}
    if format_name not in writers:
        raise UnknownName("format", format_name, writers)
    return writers[format_name](rows, stream)


def _write_json(rows: Rows, stream: TextIO) -> int:
    count = 0
    stream.write("[")
    for text in _objects(rows):
        stream.write(("," if count else "") + "\n" + text)
        count += 1
    stream.write("\n]\n" if count else "]\n")
    return count


def _write_ndjson(rows: Rows, stream: TextIO) -> int:
    count = 0
    for text in _objects(rows):
        stream.write(text + "\n")
        count += 1
    return count


def _write_csv(rows: Rows, stream: TextIO) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([_harmless(column.name) for column in rows.columns])
    count = 0
    for batch in rows.batches():
        writer.writerows([_cell(value) for value in row] for row in batch)
        count += len(batch)
    return count


def _objects(rows: Rows) -> Iterator[str]:
    for batch in rows.batches():
        yield from (_object(rows.columns, row) for row in batch)


def _object(columns: Iterable[ResultColumn], row: Row) -> str:
    pairs = zip(columns, row, strict=True)
    # ensure_ascii: nothing but printable ASCII reaches a terminal, whatever a machine put into a name.
    return json.dumps({c.name: plain_value(_parsed(v) if c.type == "JSON" else v) for c, v in pairs}, allow_nan=False)


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except (json.JSONDecodeError, RecursionError):
        return value


def _cell(value: object) -> str:
    # bool is an int, and neither a word nor a number can be a formula.
    text = cell_text(value)
    return text if value is None or isinstance(value, int | float | Decimal | date) else _harmless(text)


def _harmless(text: str) -> str:
    # A lone carriage return stands unquoted in Python's CSV when lines end with a newline, and breaks the row.
    parts = _BLANKS.split(re.sub(r"\r\n?", "\n", text))
    shown = "".join(part if _BLANKS.fullmatch(part) else scrub(part) for part in parts)
    shown = _FORMULA_WITHIN.sub(r"\1'", shown)
    # Some spreadsheets trim what they import, and a blank that does not break is one to them.
    return f"'{shown}" if shown.startswith(_FORMULA_STARTS) or shown.lstrip().startswith(_FORMULA_STARTS) else shown
