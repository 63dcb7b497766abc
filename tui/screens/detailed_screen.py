"""A table screen with all of the row under the cursor below the table."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from tui.screens.table_screen import TableScreen
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

# From here on the detail has room for all that it may say.
TALL_LINES = 32


class DetailedScreen(TableScreen):
    """A table and some lines under it. Subclasses say in `describe` what those are."""

    DEFAULT_CSS = """
    DetailedScreen #detail-rule { color: $text-disabled; }
    """

    def body(self) -> ComposeResult:
        """Title, whatever `above_table` gives, table, detail."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield from self.above_table()
            yield BigTable(self.COLUMNS)
        yield TitleRule(id="detail-rule")
        yield Detail(id="detail")

    def above_table(self) -> ComposeResult:
        """What stands between the title and the table."""
        yield from ()

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of ``row``, the most important first: a low screen has three lines."""
        raise NotImplementedError

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """What stands there while no row is under the cursor."""
        return ()

    def on_mount(self) -> None:
        """Draws the line between table and detail."""
        self.query_one("#detail-rule", TitleRule).show([Piece("─")])

    def on_resize(self) -> None:
        """Leaves the lines of a low screen to the table."""
        self.query_one("#detail", Detail).styles.height = 5 if self.size.height >= TALL_LINES else 3

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows all of the row under the cursor."""
        event.stop()
        self.show_detail()

    def show_detail(self) -> None:
        """Shows all of the row under the cursor."""
        row = self.table.cursor_row
        self.query_one("#detail", Detail).show(self.describe(row) if row else self.describe_nothing())
