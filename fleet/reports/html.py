"""A report as one HTML page that loads nothing and runs nothing, made to be printed too."""

import re
from collections.abc import Iterator
from html import escape
from itertools import count

from fleet.deployments.change_record_html import write_block, write_page
from fleet.hostile import clean
from fleet.reports.blocks import Blocks, Command, Drawing, Figures, NewPage, ReportBlock
from fleet.reports.cells import cell_text
from fleet.reports.charts import draw

# Tables of so many columns are printed smaller.
_WIDE = 10
# A longer one would make its table wider than the page.
_LONG_WORD = 30
_WORD_BEGINS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_STYLE = """
th, td { overflow-wrap: break-word; } td.long { overflow-wrap: anywhere; min-width: 8em; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; } td.n { white-space: nowrap; }
figure { margin: .8rem 0; } figure > svg { max-width: 100%; height: auto; } figcaption { color: #444; }
tbody tr:nth-child(even) { background: #f7f7f7; } code { overflow-wrap: anywhere; background: #f4f4f4; }
@page { size: landscape; margin: 12mm; }
@media print { thead { display: table-header-group; } tr, figure { break-inside: avoid; }
h2, h3, h2 + p { break-after: avoid; }
.page { break-before: page; } table { font-size: 9px; } table.wide { font-size: 7px; }
.wide th, .wide td { padding: .15rem .25rem; } pre { font-size: 8px; } body { color: #000; }
svg, thead th, tbody tr { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""


def write_html(title: str, blocks: Blocks) -> str:
    """The blocks as a page with its style and its charts in it."""
    return write_page(title, _write_all(blocks), _STYLE)


def _write_all(blocks: Blocks) -> Iterator[str]:
    numbers = count(1)
    return (_write(block, numbers) for block in blocks)


def _write(block: ReportBlock, numbers: Iterator[int]) -> str:
    match block:
        case Figures():
            return "".join(_table(block))
        case Drawing(table, chart):
            return draw(table, chart, next(numbers))
        case Command(words, command):
            return f"<p>{_text(words)} <code>{escape(clean(command))}</code></p>"
        case NewPage():
            return '<div class="page"></div>'
        case _:
            return write_block(block)


def _table(figures: Figures) -> Iterator[str]:
    table = figures.table
    kinds = [' class="n"' if column.is_number else "" for column in table.columns]
    heads = zip(table.columns, kinds, strict=True)
    wide = ' class="wide"' if len(table.columns) >= _WIDE else ""
    yield f'<table id="{escape(table.key)}"{wide}>\n<thead><tr>'
    yield "".join(f'<th scope="col"{kind}>{_breakable(column.heading)}</th>' for column, kind in heads)
    yield "</tr></thead>\n<tbody>\n"
    for row in table.rows[: figures.shown_rows]:
        yield f"<tr>{''.join(_cell(cell_text(value), kind) for value, kind in zip(row, kinds, strict=True))}</tr>\n"
    yield "</tbody>\n</table>"


def _cell(text: str, kind: str) -> str:
    is_long = any(len(word) > _LONG_WORD for word in text.split())
    marked = ' class="long"' if is_long else kind
    return f"<td{marked}>{_text(text)}</td>"


def _breakable(heading: str) -> str:
    """A heading that may be broken where a word of it begins: OldestSecurityDays."""
    return _WORD_BEGINS.sub("<wbr>", _text(heading))


def _text(text: str) -> str:
    return escape(clean(text))
