"""Writes pieces to a terminal with few bytes: where its cursor is and how it writes is known at each step."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tui.cells.cursor import Place, to_reach
from tui.cells.look import PLAIN, Look, change_look
from tui.cells.pieces import Piece, in_order, place_behind

# Blanks that are erased: what erases fewer, and goes on behind them, costs about as much.
_LONG_BLANKS = re.compile(" {10,}")


@dataclass(slots=True)
class Pen:
    """``width`` is that of the screen; ``erases_in_colour`` is whether what is erased gets the pen's background."""

    width: int
    erases_in_colour: bool
    _written: list[str] = field(default_factory=list)
    _look: Look = PLAIN
    _at: Place | None = None

    @property
    def text(self) -> str:
        """All that was written, with a plain pen at its end."""
        return "".join((*self._written, change_look(self._look, PLAIN)))

    def write(self, pieces: Iterable[Piece]) -> None:
        """Writes ``pieces``, in the order that needs the fewest bytes."""
        for piece in in_order([*pieces]):
            if not (piece.is_blank and self._is_blank_for(piece.look)):
                self._take(piece.look)
            self._write(piece)

    def scroll(self, top: int, bottom: int, count: int) -> None:
        """Moves the rows from ``top`` to ``bottom`` up by ``count``, down where that is negative."""
        self._take(PLAIN)
        moves = f"\x1b[{bottom + 1}H" + "\n" * count if count > 0 else f"\x1b[{top + 1}H" + "\x1bM" * -count
        self._written.append(f"\x1b[{top + 1};{bottom + 1}r{moves}\x1b[r")
        self._at = None

    def _write(self, piece: Piece) -> None:
        for start, end in _parts(piece.letters) if self._can_erase else ((0, len(piece.letters)),):
            part = Piece(piece.y, piece.x + start, piece.look, piece.is_blank, piece.letters[start:end])
            self._written.append(to_reach(self._at, (part.y, part.x)))
            if self._can_erase and _LONG_BLANKS.fullmatch(part.text):
                self._at = (part.y, part.x)
                self._written.append("\x1b[K" if part.end >= self.width else f"\x1b[{end - start}X")
            else:
                self._written.append(part.text)
                # At the edge of the screen a cursor is in two places, until something is written.
                self._at = None if part.end >= self.width else place_behind(part)

    def _take(self, look: Look) -> None:
        if look is not self._look:
            self._written.append(change_look(self._look, look))
            self._look = look

    def _is_blank_for(self, look: Look) -> bool:
        """Whether a blank of ``look`` comes out right with the pen as it is."""
        return self._look.background == look.background and self._look.is_plain_when_blank and not look.attributes

    @property
    def _can_erase(self) -> bool:
        """Whether what is erased looks as a blank that is written."""
        return self._look.is_plain_when_blank and (self.erases_in_colour or not self._look.background)


def _parts(letters: list[str]) -> Iterator[tuple[int, int]]:
    """Where long blanks, and what stands between them, begin and end."""
    start = 0
    for blanks in _LONG_BLANKS.finditer("".join(" " if letter == " " else "x" for letter in letters)):
        if start < blanks.start():
            yield start, blanks.start()
        yield blanks.span()
        start = blanks.end()
    if start < len(letters):
        yield start, len(letters)
