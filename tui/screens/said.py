"""What the app said so far, newest first."""

from collections.abc import Sequence

from textual.app import ComposeResult

from tui.rows.ages import describe_time
from tui.said import Said
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class SaidOverlay(Overlay[None]):
    """A list of what vanished with its toast."""

    DEFAULT_CSS = """
    SaidOverlay > .box { width: 110; height: 80%; }
    """
    TITLE_TEXT = "What was said"

    def __init__(self, said: Sequence[Said]) -> None:
        super().__init__()
        self._said = said

    def content(self) -> ComposeResult:
        """The messages; the one under the cursor in full."""
        yield BigTable((TableColumn("time", "Time", most=17), TableColumn("text", "Said", most=200, least=20)))
        yield Detail()

    def on_mount(self) -> None:
        """Fills the table."""
        table = self.query_one(BigTable)
        table.set_notice((Piece("Nothing was said yet."),))
        table.set_rows(
            [
                Row(
                    str(number),
                    (describe_time(each.at), each.text),
                    (Tone.DIM, Tone.BAD if each.is_error else Tone.NORMAL),
                )
                for number, each in enumerate(reversed(self._said))
            ]
        )

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the message under the cursor in full."""
        event.stop()
        self.query_one(Detail).show([(Piece(event.row.cells[1]),)] if event.row else ())
