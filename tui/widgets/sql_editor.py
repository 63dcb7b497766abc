"""The SQL editor: Textual's text area with SQL highlighting, loaded when it is first shown."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.widgets import TextArea


class SqlEditor(TextArea):
    """A text area for SQL. Tab leaves it: it is no code of many levels, and no pane may be a trap."""

    DEFAULT_CSS = """
    SqlEditor, SqlEditor:focus {
        border: none; padding: 0 1; height: auto; min-height: 5; scrollbar-size: 1 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", "leave editor", tooltip="Cancel the running query, else leave the editor"),
    ]

    def __init__(self, text: str) -> None:
        super().__init__(text, tab_behavior="focus", show_line_numbers=False, soft_wrap=True)
        self.cursor_blink = False

    def on_mount(self) -> None:
        """Turns highlighting on after the first paint: the grammar takes a while to load."""
        self.call_after_refresh(self._highlight)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text has, two fifths of the screen at most; one fifth while the answer is read."""
        # Not by max-height: the pane around it would still be as high as the text, and the answer below the screen.
        most = viewport.height * (2 if self.has_focus else 1) // 5
        return min(super().get_content_height(container, viewport, width), most)

    def on_focus(self) -> None:
        """Takes the room to write in."""
        self.refresh(layout=True)

    def on_blur(self) -> None:
        """Leaves the room to the answer."""
        self.refresh(layout=True)

    def _highlight(self) -> None:
        if "sql" in self.available_languages:
            self.language = "sql"
