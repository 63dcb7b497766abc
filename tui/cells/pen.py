"""Writes cells to a terminal with few bytes: where its cursor is and how it writes is known at each step."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tui.cells.look import PLAIN, Look, change_look
from tui.cells.row import Cell

# What erases and goes on behind it costs about as much.
_FEWEST_ERASED = 10


@dataclass(slots=True)
class Pen:
    """``width`` is that of the screen; ``erases_in_colour`` is whether what is erased gets the pen's background."""

    width: int
    erases_in_colour: bool
    _written: list[str] = field(default_factory=list)
    _look: Look = PLAIN
    _at: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        """All that was written, with a plain pen at its end."""
        return "".join((*self._written, change_look(self._look, PLAIN)))

    def write(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        """Writes ``cells`` from column ``x`` of row ``y`` on, both counted from 0."""
        start, end = 0, len(cells)
        while start < end:
            after = _end_of_blanks(cells, start)
            if after - start >= _FEWEST_ERASED and self._can_erase(cells[start][1]):
                self._erase(y, x + start, after - start, cells[start][1])
            else:
                after = max(after, start + 1)
                self._put(y, x + start, cells[start:after])
            start = after

    def scroll(self, top: int, bottom: int, count: int) -> None:
        """Moves the rows from ``top`` to ``bottom`` up by ``count``, down where that is negative."""
        self._take(PLAIN)
        moves = f"\x1b[{bottom + 1}H" + "\n" * count if count > 0 else f"\x1b[{top + 1}H" + "\x1bM" * -count
        self._written.append(f"\x1b[{top + 1};{bottom + 1}r{moves}\x1b[r")
        self._at = None

    def _put(self, y: int, x: int, cells: Sequence[Cell]) -> None:
        self._move(y, x)
        letter, look = cells[0]
        if letter != " " or not self._is_blank_for(look):
            self._take(look)
        self._written.append("".join(letter for letter, _ in cells))
        # At the edge of the screen a cursor is in two places, until something is written.
        beyond = x + len(cells)
        self._at = None if beyond >= self.width else (y, beyond)

    def _erase(self, y: int, x: int, count: int, look: Look) -> None:
        self._move(y, x)
        if not self._is_blank_for(look):
            self._take(look)
        self._written.append("\x1b[K" if x + count >= self.width else f"\x1b[{count}X")

    def _move(self, y: int, x: int) -> None:
        if self._at == (y, x):
            return
        if self._at is not None and self._at[0] == y and x > self._at[1]:
            self._written.append(f"\x1b[{x - self._at[1]}C")
        else:
            self._written.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (y, x)

    def _take(self, look: Look) -> None:
        if look is not self._look:
            self._written.append(change_look(self._look, look))
            self._look = look

    def _is_blank_for(self, look: Look) -> bool:
        """Whether a blank of ``look`` comes out right with the pen as it is."""
        return self._look.background == look.background and self._look.is_plain_when_blank and not look.attributes

    def _can_erase(self, look: Look) -> bool:
        return not look.attributes and (self.erases_in_colour or not look.background)


def _end_of_blanks(cells: Sequence[Cell], start: int) -> int:
    """Behind the blanks of one look that begin at ``start``; there where none do."""
    first = cells[start]
    if first[0] != " ":
        return start
    after = start + 1
    while after < len(cells) and cells[after] == first:
        after += 1
    return after
