"""How the lines of the large table look: heading, rows, the cursor's row."""

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fleet.hostile import scrub
from tui.tones import Tone, tone_style
from tui.widgets.line import Piece, break_pieces, cut_to_cells
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from tui.widgets.table import BigTable

GUTTER = 2
MARK = "*"


class RowPainter:
    """Draws the lines of ``table``. Neighbouring cells of one style become one segment: fewer bytes on the line."""

    def __init__(self, table: "BigTable") -> None:
        self._table = table

    @property
    def room(self) -> int:
        """The cells that columns may take: all but the gutter and a space at the right edge."""
        return max(1, self._table.scrollable_content_region.width - GUTTER - 1)

    def blank(self) -> Strip:
        """An empty line."""
        return Strip.blank(self._table.size.width, tone_style(self._table, Tone.NORMAL))

    def heading(self) -> Strip:
        """The headings, the sorted one with an arrow."""
        table = self._table
        layout = table.layout_of_columns
        texts = []
        for placed in layout.placed:
            column = table.columns[placed.index]
            texts.append(fit(column.heading + self._arrow(placed.index), placed.width, is_number=column.is_number))
        line = " " * GUTTER + (" " * layout.gap).join(texts)
        return self._strip([(line, table.get_component_rich_style("table--header"))])

    def row(self, row: Row, *, is_cursor: bool, is_marked: bool) -> Strip:
        """One row; under the cursor it is inverse from edge to edge."""
        table = self._table
        layout = table.layout_of_columns
        first = Tone.KEY if is_marked else Tone.NORMAL
        parts: list[tuple[str, Tone]] = [(MARK + " " if is_marked else " " * GUTTER, first)]
        for number, placed in enumerate(layout.placed):
            column = table.columns[placed.index]
            text = fit(row.cells[placed.index], placed.width, is_number=column.is_number)
            tone = row.tones[placed.index] if row.tones else Tone.NORMAL
            space = " " * layout.gap if number else ""
            parts.append((space + text, first if not number and is_marked else tone))
        if is_cursor:
            name = "table--cursor" if table.has_focus else "table--cursor-blurred"
            return self._strip([("".join(text for text, _ in parts), table.get_component_rich_style(name))])
        return self._strip([(text, tone_style(table, tone)) for text, tone in parts])

    def notice(self, y: int) -> Strip:
        """A line of what is shown in the place of rows, a line of space above it; long ones go on in the next."""
        table = self._table
        width = max(1, table.size.width - 2 * GUTTER)
        clean = ([Piece(scrub(text), tone) for text, tone in line] for line in table.notice)
        lines = [broken for pieces in clean for broken in break_pieces(pieces, width)]
        if not 0 < y <= len(lines):
            return self.blank()
        told = ((piece.text, tone_style(table, piece.tone)) for piece in lines[y - 1])
        return self._strip([(" " * GUTTER, tone_style(table, Tone.NORMAL)), *told])

    def _arrow(self, index: int) -> str:
        sorting = self._table.sorting
        if sorting is None or sorting.column != index:
            return ""
        return "▾" if sorting.is_descending else "▴"

    def _strip(self, parts: list[tuple[str, Style]]) -> Strip:
        segments: list[Segment] = []
        for text, style in parts:
            if segments and segments[-1].style == style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        last = segments[-1].style if segments else None
        return Strip(segments).adjust_cell_length(self._table.size.width, last)


def fit(text: str, width: int, *, is_number: bool) -> str:
    """``text`` in exactly ``width`` cells: numbers to the right, the rest to the left, cut with ``…``."""
    if not text.isascii() or not text.isprintable():
        text = scrub(text)
    cut = cut_to_cells(text, width)
    padding = " " * (width - (len(cut) if cut.isascii() else cell_len(cut)))
    return padding + cut if is_number else cut + padding
