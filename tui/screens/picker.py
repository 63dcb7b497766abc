"""Choosing one of several things from a list, with all of the one under the cursor below it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class Picker(Overlay[str]):
    """Gives the key of the row that was chosen; ``meanings`` says more of each, by the row's key."""

    DEFAULT_CSS = """
    Picker > .box { width: 100; height: 90%; }
    Picker Detail { height: 5; background: $surface; padding: 0; }
    Picker .keys { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "choose", tooltip="Take the one under the cursor"),
    ]

    def __init__(
        self, title: str, columns: Sequence[TableColumn], rows: Sequence[Row], meanings: dict[str, str], *, takes: str
    ) -> None:
        super().__init__()
        self._title = title
        self._columns = columns
        self._rows = rows
        self._meanings = meanings
        self._takes = takes

    def title_text(self) -> str:
        """What is chosen."""
        return self._title

    def content(self) -> ComposeResult:
        """The list, and what there is to say of one of it."""
        yield BigTable(self._columns)
        yield Detail()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Fills the list."""
        self.query_one(BigTable).set_rows(self._rows)
        self.query_one(".keys", Line).show([Piece("enter", Tone.KEY), Piece(f" {self._takes}", Tone.DIM)])

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Says more of the one under the cursor."""
        event.stop()
        meaning = self._meanings.get(event.row.key, "") if event.row else ""
        self.query_one(Detail).show([(Piece(meaning),)])

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Takes the one under the cursor."""
        if row := self.query_one(BigTable).cursor_row:
            self.dismiss(row.key)
