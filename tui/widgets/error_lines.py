"""What is wrong with a query, under the editor: the message, then the line of the text with a caret below its place."""

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.containers import Vertical

from fleet.errors import Position
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece

# Of a long line so much before the place is shown: what comes before a name is seldom what is wrong.
_CELLS_BEFORE = 30


class ErrorLines(Vertical):
    """Shows nothing while nothing is wrong."""

    DEFAULT_CSS = """
    ErrorLines { height: auto; display: none; padding: 0 1; }
    ErrorLines > Detail { height: auto; max-height: 3; padding: 0; }
    ErrorLines > .place { display: none; }
    """

    def compose(self) -> ComposeResult:
        """The message, the line and the caret."""
        yield Detail()
        yield Line(id="error-source", classes="place")
        yield Line(id="error-caret", classes="place")

    @property
    def text(self) -> str:
        """The message."""
        return self.query_one(Detail).text

    def show_error(self, text: str, position: Position | None) -> None:
        """Shows ``text`` and the place it is of; an empty one clears it."""
        self.query_one(Detail).show([(Piece(text, Tone.BAD),)] if text else ())
        self.display = bool(text)
        source, caret = place_of(position) if text and position is not None else ("", "")
        for name, line, tone in (("#error-source", source, Tone.DIM), ("#error-caret", caret, Tone.BAD)):
            widget = self.query_one(name, Line)
            widget.display = bool(source)
            widget.show([Piece(line, tone)])


def place_of(position: Position) -> tuple[str, str]:
    """The line of ``position``, cut before it where that is far, and a line with a caret below the place."""
    line = position.source_line.expandtabs(1)
    at = position.column - 1
    cut = max(0, at - _CELLS_BEFORE)
    while cell_len(line[cut:at]) > _CELLS_BEFORE:  # wide characters
        cut += 1
    lead = "…" if cut else ""
    return lead + line[cut:], " " * cell_len(lead + line[cut:at]) + "^"
