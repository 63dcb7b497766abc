"""Jump mode: letters on all that one can go to; one or two keys go there."""

from typing import TYPE_CHECKING, Any, ClassVar  # Any: screens of every kind of answer, as Textual types them

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.jumping import Target, labels_for, targets_on
from tui.screens.overlay import AnsweredOnce
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style
from tui.widgets.line import Line, Piece

if TYPE_CHECKING:
    from textual.geometry import Size


class _Label(Widget):
    DEFAULT_CSS = f"""
    _Label {{ position: absolute; width: 2; height: 1; text-style: reverse; {TONE_CSS} }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES)

    def __init__(self, letters: str, target: Target) -> None:
        super().__init__()
        self.letters = letters
        self.target = target
        self.styles.offset = (target.at.x, target.at.y)
        self.styles.width = len(letters)

    def render_line(self, y: int) -> Strip:
        """The letters, inverse: they stand out without any colour."""
        del y
        style = tone_style(self, Tone.KEY) + self.rich_style
        return Strip([Segment(self.letters, style)])


class JumpOverlay(AnsweredOnce[None]):
    """Letters over ``screen``; any other key leaves."""

    DEFAULT_CSS = """
    JumpOverlay { background: transparent; layers: base popup; }
    JumpOverlay > _Label { layer: popup; }
    JumpOverlay > Line { dock: bottom; background: $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", tooltip="Stay where you are"),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._screen = screen
        self._size = screen.size
        targets = targets_on(screen)
        self._labels = [_Label(letters, each) for letters, each in zip(labels_for(len(targets)), targets, strict=True)]
        self._typed = ""

    def compose(self) -> ComposeResult:
        """The letters, and what to do with them."""
        yield from self._labels
        yield Line()

    def on_mount(self) -> None:
        """Says what to do."""
        if not self._labels:
            self.dismiss(None)
            return
        self.query_one(Line).show([Piece("letters", Tone.KEY), Piece(" go there  ", Tone.DIM), Piece("esc", Tone.KEY)])

    def on_resize(self, event: events.Resize) -> None:
        """Leaves where the letters do not stand at their places any more."""
        size: Size = event.size
        if size != self._size:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Goes where the letters lead; leaves where they lead nowhere."""
        if event.key == "escape":
            return
        event.stop()
        event.prevent_default()
        self._typed += event.character or " "
        left = [label for label in self._labels if label.letters.startswith(self._typed)]
        for label in self._labels:
            label.display = label in left
        if not left or left[0].letters == self._typed:
            self.dismiss(None)
            if left:
                self.app.call_later(left[0].target.go)

    def action_leave(self) -> None:
        """Leaves."""
        self.dismiss(None)
