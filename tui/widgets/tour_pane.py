"""The pane of the tour: three rows above the keys, there only while the tour goes on."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.tones import Tone
from tui.widgets.line import Line, Piece
from tui.widgets.title_rule import TitleRule


class TourPane(Vertical):
    """Says what to press and what one looks at."""

    DEFAULT_CSS = """
    TourPane { height: 3; }
    TourPane > TitleRule { color: $accent; }
    TourPane > Line { padding: 0 1; }
    TourPane > TitleRule { padding: 0; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._title, self._act, self._about = TitleRule(), Line(), Line()

    def compose(self) -> ComposeResult:
        """A rule, what to press, what it is about."""
        yield self._title
        yield self._act
        yield self._about

    def show_step(self, where: str, act: Iterable[Piece], about: str) -> None:
        """Shows a step; ``where`` is its number."""
        self._title.show_title("Tour", Piece(where, Tone.DIM), Piece("ctrl+n goes on, ctrl+x leaves", Tone.DIM))
        self._act.show([Piece("Press ", Tone.DIM), *act])
        self._about.show([Piece(about)])

    @property
    def text(self) -> str:
        """All that it shows, for tests."""
        return f"{self._title.text}\n{self._act.text}\n{self._about.text}"
