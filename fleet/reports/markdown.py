"""A report as Markdown; its charts are the tables that they are of."""

import re

from fleet.deployments.change_record_blocks import Grid
from fleet.deployments.change_record_markdown import escape_markdown, write_block
from fleet.hostile import clean
from fleet.reports.blocks import Blocks, Command, Drawing, Figures, NewPage, ReportBlock
from fleet.reports.cells import cell_text

_BACKTICKS = re.compile(r"`+")


def write_markdown(blocks: Blocks) -> str:
    """The blocks as CommonMark with GitHub's tables."""
    return "\n\n".join(filter(None, map(_write, blocks))) + "\n"


def _write(block: ReportBlock) -> str:
    match block:
        case Figures(table, shown_rows):
            headings = tuple(escape_markdown(column.heading) for column in table.columns)
            rows = tuple(tuple(map(cell_text, row)) for row in table.rows[:shown_rows])
            return write_block(Grid(headings, rows))
        case Command(words, command):
            return f"{escape_markdown(words)} {_code(command)}"
        case Drawing() | NewPage():
            return ""
        case _:
            return write_block(block)


def _code(text: str) -> str:
    """A code span whose fence is longer than any within."""
    shown = clean(text)
    fence = "`" * (max((len(ticks) for ticks in _BACKTICKS.findall(shown)), default=0) + 1)
    pad = " " if "`" in shown else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
