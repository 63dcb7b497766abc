"""Answers as tables of Markdown, as GitHub, GitLab and most wikis read them.

Cells come from machines: nothing in one can end it or its row, be a link, an image or HTML, or steer a terminal.
"""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TextIO

from fleet.hostile import scrub
from query.plain_values import cell_text
from query.results import ResultColumn, Row, Rows

_LINE_BREAK = re.compile(r"\r\n?|\n")
_ACTIVE = re.compile(r"([\\`*_\[\]|~$])")
_ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_NUMBERS = re.compile(r"U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL")


def write_markdown(rows: Rows, stream: TextIO) -> int:
    """Write ``rows`` to ``stream`` as one table and return how many there were; numbers stand on the right.

    Line breaks are ``<br>``, null is an empty cell. An answer without columns is nothing.
    """
    if not rows.columns:
        return 0
    stream.write(_line([_harmless(column.name) or " " for column in rows.columns]))
    stream.write(_line([_rule(column) for column in rows.columns]))
    count = 0
    for batch in rows.batches():
        stream.writelines(_line(_cells(row)) for row in batch)
        count += len(batch)
    return count


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def _rule(column: ResultColumn) -> str:
    is_number = _NUMBERS.match(column.type) and not column.type.endswith("]")
    return "---:" if is_number else "---"


def _cells(row: Row) -> list[str]:
    return [_cell(value) for value in row]


def _cell(value: object) -> str:
    text = cell_text(value)
    return text if value is None or isinstance(value, int | float | Decimal | date) else _harmless(text)


def _harmless(text: str) -> str:
    lines = [scrub(line.replace("\t", " ")).strip() for line in _LINE_BREAK.split(text)]
    return "<br>".join(_escaped(line) for line in lines)


def _escaped(line: str) -> str:
    for character, entity in _ENTITIES:
        line = line.replace(character, entity)
    return _ACTIVE.sub(r"\\\1", line)
