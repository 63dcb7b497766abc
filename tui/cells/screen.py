"""The cells that the terminal shows, and the text that makes others of them."""

from collections.abc import Iterable

from rich.color import ColorSystem
from textual.strip import Strip

from tui.cells.moved import find_move, move_rows
from tui.cells.pen import Pen
from tui.cells.pieces import find_pieces
from tui.cells.row import UNKNOWN, Cell, cells_of

Placed = tuple[int, int, Strip]
"""A row, a column, and what is to stand there."""


class CellScreen:
    """What a terminal shows. ``erases_in_colour``: what it erases has the background of its pen (``bce``)."""

    def __init__(self, *, erases_in_colour: bool) -> None:
        self._erases_in_colour = erases_in_colour
        self._width = 0
        self._rows: list[list[Cell]] = []

    def forget(self) -> None:
        """Nothing is known of what the terminal shows: all that comes next is sent."""
        self._rows = []

    def draw(self, placed: Iterable[Placed], colours: ColorSystem, width: int, height: int) -> str:
        """What shows ``placed`` on a terminal of that size that shows what was sent so far; empty: it does already."""
        if self._width != width or len(self._rows) != height:
            self._width, self._rows = width, [[UNKNOWN] * width for _ in range(height)]
        changed = self._find_changed(placed, colours)
        if not changed:
            return ""
        pen = Pen(width, self._erases_in_colour)
        if (move := find_move(self._rows, changed)) is not None:
            pen.scroll(move.top, move.bottom, move.count)
            # What moved away though it should have stayed has to be sent, too.
            still = {y: self._rows[y] for y in range(move.top, move.bottom + 1) if y not in changed}
            move_rows(self._rows, move)
            changed |= still
        pen.write(piece for y, row in changed.items() for piece in find_pieces(y, self._rows[y], row))
        for y, row in changed.items():
            self._rows[y] = row
        return pen.text

    def _find_changed(self, placed: Iterable[Placed], colours: ColorSystem) -> dict[int, list[Cell]]:
        changed: dict[int, list[Cell]] = {}
        for y, x, strip in placed:
            if not 0 <= y < len(self._rows) or not 0 <= x < self._width:
                continue
            cells = cells_of(strip, colours)[: self._width - x]
            row = changed.get(y, self._rows[y])
            if row[x : x + len(cells)] != cells:
                changed[y] = _cover(row, x, cells)
        return {y: row for y, row in changed.items() if row != self._rows[y]}


def _cover(row: list[Cell], x: int, cells: list[Cell]) -> list[Cell]:
    """``row`` with ``cells`` from column ``x`` on; where half of a wide character is covered, a blank is left."""
    before, after = row[:x], row[x + len(cells) :]
    if cells and after and not after[0][0]:
        after[0] = (" ", after[0][1].of_blank)
    if cells and before and not row[x][0]:
        before[-1] = (" ", before[-1][1].of_blank)
    return [*before, *cells, *after]
