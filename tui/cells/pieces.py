"""Pieces of a screen that are to be written, and the order in which a pen needs the fewest bytes for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tui.cells.cursor import Place, to_reach
from tui.cells.look import Look
from tui.cells.row import Cell

# Going around so many unchanged cells costs more than writing them again.
_MOST_REWRITTEN = 4


@dataclass(slots=True)
class Piece:
    """Cells beside each other that a pen of one look writes; blanks that are just their ground come out of many."""

    y: int
    x: int
    look: Look
    is_blank: bool
    letters: list[str] = field(default_factory=list)

    @property
    def end(self) -> int:
        """The column behind it."""
        return self.x + len(self.letters)

    @property
    def text(self) -> str:
        """What is written."""
        return "".join(self.letters)

    def take_in(self, cells: Sequence[Cell]) -> bool:
        """Whether ``cells``, which stand behind it, are a part of it from now on."""
        look, is_blank = self.look, self.is_blank
        for letter, each in cells:
            if each is look or each == look or (letter == " " and _comes_out(each, look)):
                is_blank = is_blank and letter == " "
            elif is_blank and _comes_out(look, each):
                look, is_blank = each, False
            else:
                return False
        self.letters += [letter for letter, _ in cells]
        self.look, self.is_blank = look, is_blank
        return True


def find_pieces(y: int, before: Sequence[Cell], row: Sequence[Cell]) -> Iterator[Piece]:
    """What makes ``row`` of row ``y`` that shows ``before``, from left to right.

    A wide character is in the first of its cells: writing that writes both.
    """
    piece, end = None, 0
    for x, (old, cell) in enumerate(zip(before, row, strict=True)):
        if cell is old or cell == old:
            continue
        if piece is not None:
            start, end = end, x + 1
            if x - start <= _MOST_REWRITTEN and piece.take_in(row[start:end]):
                continue
            yield piece
        letter, look = cell
        end = x + 1
        piece = Piece(y, x, look, letter == " ", [letter])
    if piece is not None:
        yield piece


def in_order(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """``pieces`` look by look: a way between two of one look is shorter than the names of two colours."""
    by_look: dict[Look, list[Piece]] = {}
    for piece in pieces:
        if not piece.is_blank:
            by_look.setdefault(piece.look, []).append(piece)
    for piece in pieces:
        if piece.is_blank:
            look = next((each for each in by_look if _comes_out(piece.look, each)), piece.look)
            by_look.setdefault(look, []).append(piece)
    for look in sorted(by_look, key=lambda look: (look.background, look.attributes, look.foreground)):
        across = sorted(by_look[look], key=lambda piece: (piece.y, piece.x))
        down = sorted(across, key=lambda piece: (piece.x, piece.y))
        yield from min(across, down, key=_way)


def place_behind(piece: Piece) -> Place | None:
    """Where the cursor is after ``piece``; None where terminals differ in how wide its letters are."""
    return (piece.y, piece.end) if piece.text.isascii() else None


def _comes_out(blank: Look, look: Look) -> bool:
    """Whether a blank of the look ``blank`` comes out right from a pen of ``look``."""
    return blank.background == look.background and not blank.attributes and look.is_plain_when_blank


def _way(pieces: Sequence[Piece]) -> int:
    """How many bytes the ways between ``pieces`` need."""
    return sum(len(to_reach(place_behind(piece), (after.y, after.x))) for piece, after in pairwise(pieces))
