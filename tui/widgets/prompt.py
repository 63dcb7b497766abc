"""The line at the bottom where a filter or a command is typed; it takes the place of the keys meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from tui.completing import Offers
from tui.key_order import KeyOrder
from tui.tones import Tone
from tui.widgets.line import Line, Piece
from tui.widgets.offering import Offering

Completer = Callable[[str], Offers]
# Letters of what is looked for that are shown beside the line.
_MOST_SEARCHED = 20


class _PromptInput(Input):
    def on_key(self, event: events.Key) -> None:
        """Enter, escape and tab in the order in which they were typed, between the letters.

        Bindings would be too late or, with priority, too early: a terminal may send a word and its enter at once.
        """
        prompt = self.parent
        if not isinstance(prompt, Prompt):
            return
        if not prompt.is_open:
            # Typed behind the enter, when the focus was still here.
            event.stop()
            event.prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
        elif prompt.does_key(event):
            event.stop()
            event.prevent_default()


class Prompt(Horizontal):
    """One line to type in, opened by ``/`` or ``:``. Tells each change, so that a filter acts while it is typed.

    Tab completes and then goes through what fits, shift+tab back; up and down go through what was typed before. ctrl+r
    searches in that while one types; again, it goes to the next older line that fits, as up does, and down to a newer.
    """

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
    class Handled(Message):
        """What was taken has been handled: comes the same way behind `Entered`, up to the app."""

        hand_over: Callable[[bool], None]

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
        self._offering = Offering(self, self._input)
        self.key_actions: dict[str, Callable[[], None]] = {
            "enter": self.take,
            "escape": self.cancel,
            "tab": lambda: self._offering.turn(1),
            "shift+tab": lambda: self._offering.turn(-1),
            "up": lambda: self._offering.recall(-1),
            "down": lambda: self._offering.recall(1),
            "ctrl+r": self._offering.search,
        }

    def offer_again(self, text: str) -> None:
        """Completes anew where ``text`` still stands: there are more words for it now."""
        if self.is_open and self.text == text:
            self._offering.offer_again()

    def does_key(self, event: events.Key) -> bool:
        """Does what ``event`` stands for, where that is more than editing; whether it was."""
        action = self.key_actions.get(event.key)
        if action is not None:
            action()
        is_done = action is not None or self._offering.search_key(event.key, event.character)
        self._show_label()
        return is_done

    def compose(self) -> ComposeResult:
        """The sign that opened it, and the input."""
        yield self._label
        yield self._input

    def open(
        self,
        kind: str,
        text: str = "",
        suggestions: Sequence[str] = (),
        completer: Completer | None = None,
        history: Sequence[str] = (),
    ) -> None:
        """Opens it with ``text`` to edit.

        ``suggestions`` complete what is typed in grey, ``completer`` says what tab offers, ``history`` is what was
        typed before, the newest last.
        """
        self.kind, self._before = kind, text
        self._input.suggester = SuggestFromList(suggestions, case_sensitive=False) if suggestions else None
        self._offering.begin(completer, history)
        self._show_label()
        with self.prevent(Input.Changed):
            self._input.value = text
        self._input.cursor_position = len(text)
        # Not by a class, and not by focus(): both would take effect only later, and the next key is already coming.
        self.styles.display = "block"
        if self.screen.focused is not self._input:
            self._came_from = self.screen.focused
        self.screen.set_focus(self._input)

    @property
    def is_open(self) -> bool:
        """Whether something is being typed."""
        return self.display

    @property
    def text(self) -> str:
        """What is typed."""
        return self._input.value

    def cancel(self) -> None:
        """Gives the search up, closes what is offered, else itself, and tells what it began with."""
        if self._offering.give_up() or self._offering.close():
            return
        self._close()
        self.post_message(self.Cancelled(self.kind, self._before))

    def take(self) -> None:
        """Closes it and tells what was typed; what is typed behind it waits until that is handled."""
        self._close()
        hand_over = cast("KeyOrder", self.app).keep_keys(even_escape=True)
        self.post_message(self.Entered(self.kind, self._input.value))
        self.post_message(self.Handled(hand_over))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes the text on."""
        event.stop()
        self._offering.text_changed(event.value)
        self._show_label()
        if self.is_open:
            self.post_message(self.Typed(self.kind, event.value))

    def _show_label(self) -> None:
        searched = self._offering.searched
        told = [] if searched is None else [Piece(f" search {_last_cells(searched)}:", Tone.PENDING)]
        pieces = [Piece(f" {self.kind}", Tone.KEY), *told]
        self._label.show(pieces)
        self._label.styles.width = sum(cell_len(piece.text) for piece in pieces) + 1

    def _close(self) -> None:
        self._offering.close()
        self.styles.display = "none"
        self.screen.set_focus(self._came_from)


def _last_cells(text: str) -> str:
    """The end of ``text`` that leaves room for the line that was found."""
    return text if len(text) <= _MOST_SEARCHED else f"…{text[1 - _MOST_SEARCHED :]}"
