"""A one-row widget that shows pieces of text at its left and right edge, and drops whole pieces when it is narrow."""

import re
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from fleet.hostile import clean
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style

# A word with the spaces before it; spaces at the end of a text by themselves.
_WORD = re.compile(" *[^ ]+| +$")


class Piece(NamedTuple):
    """A piece of text and how it is meant. Pieces are shown whole or, but for the first, not at all."""

    text: str
    tone: Tone = Tone.NORMAL


class Line(Widget):
    """One row: ``left`` pieces from the left, ``right`` pieces against the right edge, ``fill`` between them."""

    DEFAULT_CSS = f"Line {{ height: 1; {TONE_CSS} }}"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES)
    FILL = " "

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's names
        super().__init__(id=id, classes=classes)
        self._left: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()

    def show(self, left: Iterable[Piece], right: Iterable[Piece] = ()) -> None:
        """Shows these pieces from now on; draws only when they differ from those that are shown."""
        new = (_cleaned(left), _cleaned(right))
        if new != (self._left, self._right):
            self._left, self._right = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row, exactly as wide as the widget."""
        del y
        width = self.size.width
        left = self.fit_left(self._left, width)
        right = fit_pieces(self._right, width - _width(left) - 1, keep_first=False)
        gap = max(0, width - _width(left) - _width(right))
        segments = [Segment(piece.text, tone_style(self, piece.tone)) for piece in left]
        segments.append(Segment(self.FILL * gap, tone_style(self, self.fill_tone)))
        segments += [Segment(piece.text, tone_style(self, piece.tone)) for piece in right]
        return Strip(segments, width)

    def left_piece_at(self, x: int) -> int | None:
        """The number of the piece at the left that is drawn at ``x`` of the widget, None where none is."""
        edge = self.gutter.left
        for number, piece in enumerate(self.fit_left(self._left, self.size.width)):
            edge += cell_len(piece.text)
            if self.gutter.left <= x < edge:
                return number
        return None

    def fit_left(self, pieces: Sequence[Piece], width: int) -> list[Piece]:
        """Those of the ``pieces`` at the left that are shown in ``width`` cells."""
        return fit_pieces(pieces, width)

    @property
    def fill_tone(self) -> Tone:
        """The tone of what is drawn between left and right."""
        return Tone.NORMAL

    @property
    def text(self) -> str:
        """What is shown, for tests and for copying: the pieces without the space between left and right."""
        return "".join(piece.text for piece in (*self._left, *self._right))


def fit_pieces(pieces: Sequence[Piece], width: int, *, keep_first: bool = True) -> list[Piece]:
    """The first of ``pieces`` that fit ``width`` cells whole; the first word is cut with ``…``, never dropped."""
    fitting: list[Piece] = []
    left = width
    for piece in pieces:
        cells = cell_len(piece.text)
        if cells > left:
            if keep_first and left > 1 and not any(each.text.strip(" ─") for each in fitting):
                fitting.append(Piece(cut_to_cells(piece.text, left), piece.tone))
            break
        fitting.append(piece)
        left -= cells
    return fitting


def break_pieces(pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """``pieces`` as lines of at most ``width`` cells, broken between words; a longer word is cut.

    Lines that go on are indented like the text behind the first piece, where that is a key. Spaces stand as given.
    """
    indent = 0
    if len(pieces) > 1 and pieces[0].tone is Tone.KEY:
        behind = pieces[1].text
        indent = min(cell_len(pieces[0].text) + len(behind) - len(behind.lstrip(" ")), width // 2)
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, tone in pieces:
        for word in _WORD.findall(text):
            shown = word
            if used > indent and used + cell_len(word) > width:
                lines.append([Piece(" " * indent, tone)] if indent else [])
                used, shown = indent, word.lstrip(" ")
            shown = cut_to_cells(shown, width - used)
            lines[-1].append(Piece(shown, tone))
            used += cell_len(shown)
    return lines


def cut_to_cells(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, ending with ``…`` where something was cut."""
    if len(text) <= width and text.isascii():
        return text
    if cell_len(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for character in text:
        room -= cell_len(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…" if width > 0 else ""


def _cleaned(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(Piece(_clean_piece(text), tone) for text, tone in pieces)


def _clean_piece(text: str) -> str:
    # `clean` strips the outer spaces, which separate pieces here.
    lead = len(text) - len(text.lstrip(" "))
    trail = len(text) - len(text.rstrip(" ")) if text.strip(" ") else 0
    return " " * lead + clean(text) + " " * trail


def _width(pieces: Sequence[Piece]) -> int:
    return sum(cell_len(piece.text) for piece in pieces)
