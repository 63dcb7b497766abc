"""One row of an answer, whole: a column a line."""

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class RecordOverlay(Overlay[None]):
    """``lines`` are pairs of a name and a value; below the table the value under the cursor stands in full."""

    DEFAULT_CSS = """
    RecordOverlay > .box { width: 96; height: 90%; }
    RecordOverlay Detail { height: 6; }
    """
    TITLE_TEXT = "Row"

    def __init__(self, lines: Sequence[tuple[Piece, ...]]) -> None:
        super().__init__()
        self._lines = lines

    def content(self) -> ComposeResult:
        """The columns, and the value under the cursor."""
        columns = TableColumn("column", "Column", most=30), TableColumn("value", "Value", most=200, least=20)
        yield BigTable(columns)
        yield Detail()

    def on_mount(self) -> None:
        """Fills the table."""
        rows = [
            Row(str(number), (name.text, value.text), (Tone.DIM, value.tone))
            for number, (name, value) in enumerate(self._lines)
        ]
        self.query_one(BigTable).set_rows(rows)

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the value under the cursor in full."""
        event.stop()
        self.query_one(Detail).show([(Piece(event.row.cells[1]),)] if event.row else ())
