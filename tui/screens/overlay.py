"""A pane over the screen, for one question or one list; escape leaves it without a consequence."""

from typing import ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.screen import ModalScreen

from tui.key_order import KeyOrder
from tui.keymap import Remapped
from tui.widgets.title_rule import TitleRule

Answer = TypeVar("Answer")


class AnsweredOnce(Remapped, ModalScreen[Answer]):
    """A pane that gives one answer, while it is in front: Textual's own would give a second one, and close whatever is
    in front then.
    """

    is_over = False
    # The key that gave the answer, where that is not the one that is in work when it is given.
    taken_by: Key | None = None

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Closes it with ``result``; nothing happens where it is closed, or not in front."""
        if self.is_over or not self.is_active:
            return AwaitComplete()
        self.is_over = True
        deck = cast("KeyOrder", self.app)
        deck.closed_by(self.taken_by or deck.key_in_work)
        return super().dismiss(result)


class Overlay(AnsweredOnce[Answer]):
    """A box in the middle with a title. Subclasses give `content`."""

    # What is below is not dimmed: in other colours it takes 7 kB each way, and edges tell a box without colours, too.
    DEFAULT_CSS = """
    Overlay { align: center middle; background: transparent; }
    Overlay > .box {
        width: 76; max-width: 100%; height: auto; max-height: 100%; background: $surface;
        border-left: outer $accent; border-right: outer $accent;
    }
    Overlay > .box > TitleRule { color: $accent; background: $surface; }
    Overlay > .box BigTable { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", tooltip="Leave, nothing happens"),
        Binding("question_mark,f1", "app.help", "keys", show=False, tooltip="The keys that work here"),
    ]
    # One fixed line; what is asked stands in the content.
    TITLE_TEXT = ""

    def compose(self) -> ComposeResult:
        """The box with its title and content."""
        with Vertical(classes="box pane"):
            yield TitleRule()
            yield from self.content()

    def content(self) -> ComposeResult:
        """What is under the title."""
        yield from ()

    def on_mount(self) -> None:
        """Shows the title."""
        self.query_one(TitleRule).show_title(self.title_text(), right="esc leaves")

    def title_text(self) -> str:
        """What stands above the box."""
        return self.TITLE_TEXT

    def action_leave(self) -> None:
        """Leaves without an answer."""
        self.dismiss(None)
