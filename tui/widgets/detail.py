"""A few lines under a table that say all of the row under the cursor: what a column had to cut."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from fleet.hostile import clean
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style
from tui.widgets.line import Piece, cut_to_cells


class Detail(Widget):
    """Paragraphs of pieces, wrapped between words; what does not fit its height is left out, with ``…``."""

    DEFAULT_CSS = f"Detail {{ height: 4; padding: 0 2; {TONE_CSS} }}"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's names
        super().__init__(id=id, classes=classes)
        self._paragraphs: tuple[tuple[Piece, ...], ...] = ()

    def show(self, paragraphs: Iterable[Sequence[Piece]]) -> None:
        """Shows these from now on."""
        new = tuple(tuple(Piece(clean(p.text), p.tone) for p in each) for each in paragraphs)
        if new != self._paragraphs:
            self._paragraphs = new
            self.refresh(layout=self.styles.is_auto_height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the paragraphs take, for a height that is ``auto``."""
        del container, viewport
        return max(1, len(self._lines(width)))

    def render_line(self, y: int) -> Strip:
        """One of the wrapped lines."""
        width, height = self.size
        lines = self._lines(width)
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        line = lines[y]
        if y == height - 1 and len(lines) > height:
            line = [*line, Piece(" …", Tone.DIM)]
        segments = [Segment(piece.text, tone_style(self, piece.tone)) for piece in line]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _lines(self, width: int) -> list[list[Piece]]:
        # Two cells stay free for the sign that there is more.
        return [line for each in self._paragraphs for line in wrap_pieces(each, max(1, width - 2))]

    @property
    def in_one(self) -> list[Piece]:
        """All that there is to show as one paragraph."""
        pieces: list[Piece] = []
        for each in self._paragraphs:
            pieces += [Piece("·", Tone.DIM), *each] if pieces and each else each
        return pieces

    def count_lines(self, width: int) -> int:
        """How many lines it takes to show all, on a screen of that width."""
        return len(self._lines(width - self.gutter.width)) if self._paragraphs else 0

    @property
    def text(self) -> str:
        """All that there is to show, for tests."""
        return "\n".join(" ".join(piece.text for piece in each) for each in self._paragraphs)


def wrap_pieces(pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """Lines of at most ``width`` cells, broken between words; a word that is longer is cut."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, tone in pieces:
        for word in text.split():
            shown = cut_to_cells(word, max(1, width))
            cells = cell_len(shown)
            if used and used + 1 + cells > width:
                lines.append([])
                used = 0
            lead = " " if used else ""
            if lines[-1] and lines[-1][-1].tone == tone:
                lines[-1][-1] = Piece(lines[-1][-1].text + lead + shown, tone)
            else:
                lines[-1].append(Piece(lead + shown, tone))
            used += len(lead) + cells
    return lines


def spaced(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """``pieces`` of a paragraph with blanks between them, for where they stand as they are, in a notice."""
    return tuple(each for piece in pieces for each in (Piece(" "), piece))[1:]


def labelled(label: str, text: str, tone: Tone = Tone.NORMAL) -> tuple[Piece, Piece]:
    """``label`` dim, ``text`` after it."""
    return Piece(label, Tone.DIM), Piece(text, tone)
