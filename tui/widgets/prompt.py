"""The line at the bottom where a filter or a command is typed; it takes the place of the keys meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from tui.tones import Tone
from tui.widgets.line import Line, Piece


class _PromptInput(Input):
    # Priority: what is typed behind these keys must find the focus where they put it, however fast it comes.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "cursor_right", "complete", show=False, priority=True, tooltip="Take the suggestion"),
        Binding("escape", "cancel", "cancel", priority=True, tooltip="Leave as it was before"),
        Binding("enter", "take", "take", priority=True, tooltip="Take what is typed"),
    ]

    def action_cancel(self) -> None:
        """Closes the prompt."""
        if isinstance(self.parent, Prompt):
            self.parent.cancel()

    def action_take(self) -> None:
        """Closes the prompt and gives what is typed."""
        if isinstance(self.parent, Prompt):
            self.parent.take()


class Prompt(Horizontal):
    """One line to type in, opened by ``/`` or ``:``. Tells each change, so that a filter acts while it is typed."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; background: $panel; }
    Prompt > Line { background: $panel; }
    Prompt > Input, Prompt > Input:focus { border: none; height: 1; padding: 0; background: $panel; }
    """

    @dataclass
    class Typed(Message):
        """The text changed."""

        kind: str
        text: str

    @dataclass
    class Entered(Message):
        """The text was taken with enter."""

        kind: str
        text: str

    @dataclass
    class Cancelled(Message):
        """The prompt was left with escape; ``before`` is what it began with."""

        kind: str
        before: str

    def __init__(self) -> None:
        super().__init__()
        self.kind = "/"
        self._before = ""
        self._came_from: Widget | None = None
        self._label = Line()
        self._input = _PromptInput(select_on_focus=False)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """The sign that opened it, and the input."""
        yield self._label
        yield self._input

    def open(self, kind: str, text: str = "", suggestions: Sequence[str] = ()) -> None:
        """Opens it with ``text`` to edit; ``suggestions`` complete what is typed."""
        self.kind, self._before = kind, text
        self._label.show([Piece(f" {kind}", Tone.KEY)])
        self._label.styles.width = len(kind) + 2
        self._input.suggester = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        with self.prevent(Input.Changed):
            self._input.value = text
        self._input.cursor_position = len(text)
        # Not by a class, and not by focus(): both would take effect only later, and the next key is already coming.
        self.styles.display = "block"
        self._came_from = self.screen.focused
        self.screen.set_focus(self._input)

    @property
    def is_open(self) -> bool:
        """Whether something is being typed."""
        return self.display

    def cancel(self) -> None:
        """Closes it and tells what it began with."""
        self._close()
        self.post_message(self.Cancelled(self.kind, self._before))

    def take(self) -> None:
        """Closes it and tells what was typed."""
        self._close()
        self.post_message(self.Entered(self.kind, self._input.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes the text on."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed(self.kind, event.value))

    def _close(self) -> None:
        self.styles.display = "none"
        self.screen.set_focus(self._came_from)
