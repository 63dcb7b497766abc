"""One row of an answer, whole: a column a line."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.clipboard import copy_lines
from tui.rows.result_rows import whole_value
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class RecordOverlay(Overlay[None]):
    """``lines`` are pairs of a name and a value, ``values`` the values themselves; enter shows one of them in full."""

    DEFAULT_CSS = """
    RecordOverlay > .box { width: 96; height: 90%; }
    RecordOverlay Detail { height: 6; }
    RecordOverlay .keys { background: $surface; }
    """
    TITLE_TEXT = "Row"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "view", "whole cell", tooltip="Show the cell in full; JSON is indented"),
        Binding("y", "copy", "copy cell", tooltip="Copy the cell to the clipboard (OSC 52, also over SSH)"),
    ]

    def __init__(self, lines: Sequence[tuple[Piece, Piece]], values: Sequence[object] = ()) -> None:
        super().__init__()
        self._lines = lines
        self._values = values or [value.text for _, value in lines]

    def content(self) -> ComposeResult:
        """The columns, and the value under the cursor."""
        columns = TableColumn("column", "Column", most=30), TableColumn("value", "Value", most=200, least=20)
        yield BigTable(columns)
        yield Detail()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Fills the table."""
        rows = [
            Row(str(number), (name.text, value.text), (Tone.DIM, value.tone))
            for number, (name, value) in enumerate(self._lines)
        ]
        self.query_one(BigTable).set_rows(rows)
        keys = [Piece("enter", Tone.KEY), Piece(" whole cell  ", Tone.DIM), Piece("y", Tone.KEY)]
        self.query_one(".keys", Line).show([*keys, Piece(" copy cell", Tone.DIM)])

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the value under the cursor, as far as it fits."""
        event.stop()
        self.query_one(Detail).show([(Piece(event.row.cells[1]),)] if event.row else ())

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click shows the cell too."""
        event.stop()
        self.action_view()

    def action_view(self) -> None:
        """Shows the cell under the cursor in full."""
        from tui.screens.full_text import FullText

        if row := self.query_one(BigTable).cursor_row:
            text = whole_value(self._values[int(row.key)])
            self.app.push_screen(FullText(row.cells[0], text, "json" if text[:1] in ("{", "[") else None))

    def action_copy(self) -> None:
        """Copies the cell under the cursor, in full."""
        from tui.app import PatchdeckApp

        row = self.query_one(BigTable).cursor_row
        if row is not None and isinstance(self.app, PatchdeckApp):
            copy_lines(self.app, whole_value(self._values[int(row.key)]).splitlines(), row.cells[0])
