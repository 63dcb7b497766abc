"""A question with two answers, the harmless one first."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece


class Confirm(Overlay[bool]):
    """Gives True where the question was answered with y."""

    DEFAULT_CSS = """
    Confirm Detail { height: auto; padding: 0; margin: 1 0; background: $surface; }
    Confirm .keys { background: $surface; }
    """
    TITLE_TEXT = "Sure?"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", tooltip="Do it"),
        Binding("n", "leave", "no", tooltip="Leave everything as it is"),
    ]

    def __init__(self, question: str, effect: str, *, yes: str) -> None:
        super().__init__()
        self._question = question
        self._effect = effect
        self._yes = yes

    def content(self) -> ComposeResult:
        """The question and the keys."""
        yield Detail()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Shows the question."""
        detail = self.query_one(Detail)
        detail.styles.height = 2
        detail.show([(Piece(self._question, Tone.STRONG),), (Piece(self._effect),)])
        keys = [Piece("n", Tone.KEY), Piece(" no  ", Tone.DIM), Piece("y", Tone.KEY), Piece(f" {self._yes}", Tone.DIM)]
        self.query_one(".keys", Line).show(keys)

    def action_yes(self) -> None:
        """Answers yes."""
        self.dismiss(True)
