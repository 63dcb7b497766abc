"""A text in full over the screen: a cell of an answer, the SQL of a KQL query."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from fleet.hostile import clean, scrub
from tui.clipboard import copy_lines
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.line import Line, Piece


class FullText(Overlay[None]):
    """Shows ``text`` to be read and scrolled; ``language`` is that of its colours, where it has any."""

    DEFAULT_CSS = """
    FullText > .box { width: 120; height: 92%; }
    FullText TextArea, FullText TextArea:focus {
        border: none; height: 1fr; padding: 0; background: $surface; scrollbar-size: 1 1;
    }
    FullText .keys { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "copy", "copy", tooltip="Copy all of it to the clipboard (OSC 52, also over SSH)"),
        Binding("V", "page", "pager", tooltip="Read it in $PAGER"),
    ]

    def __init__(self, title: str, text: str, language: str | None = None) -> None:
        super().__init__()
        self._title = title
        self._text = "\n".join(scrub(line.expandtabs(4)) for line in text.splitlines())
        self._language = language

    def title_text(self) -> str:
        """What the text is."""
        return clean(self._title, 60)

    def content(self) -> ComposeResult:
        """The text."""
        area = TextArea(self._text, read_only=True, soft_wrap=True, show_line_numbers=False)
        area.cursor_blink = False
        yield area
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Begins at the top, in colours."""
        area = self.query_one(TextArea)
        if self._language in area.available_languages:
            area.language = self._language
        area.focus()
        keys = (("y", " copies all of it  "), ("V", " opens it in $PAGER"))
        self.query_one(".keys", Line).show(
            [piece for key, label in keys for piece in (Piece(key, Tone.KEY), Piece(label, Tone.DIM))]
        )

    def action_page(self) -> None:
        """Opens the text in the pager."""
        from tui.app import PatchdeckApp
        from tui.paging import show_paged

        if isinstance(self.app, PatchdeckApp):
            show_paged(self.app, f"{self._text}\n", ".txt")

    def action_copy(self) -> None:
        """Copies the text."""
        from tui.app import PatchdeckApp

        if isinstance(self.app, PatchdeckApp):
            copy_lines(self.app, self._text.split("\n"), self._title)
