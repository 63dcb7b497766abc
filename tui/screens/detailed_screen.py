"""A table screen with all of the row under the cursor below the table."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.timer import Timer

from tui.screens.folding_screen import Beside, FoldingScreen
from tui.tones import Tone
from tui.widgets.detail import Detail, wrap_pieces
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

DETAIL_LINES = 5
# A key that is held sends only the rows on its way, 400 bytes a step, and no detail that nobody can read.
REST_SECONDS = 0.1


class DetailedScreen(FoldingScreen):
    """A table and some lines under it. Subclasses say in `describe` what those are."""

    DEFAULT_CSS = """
    DetailedScreen #detail-rule { color: $text-disabled; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._told_key = ""
        self._resting: Timer | None = None

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

    def beside(self) -> Sequence[Beside]:
        """The detail with its rule."""
        return (
            Beside(self.query_one("#detail", Detail), self.detail_lines, self.query_one("#detail-rule", TitleRule)),
        )

    @property
    def detail_lines(self) -> int:
        """How many lines the detail has at most."""
        return max(DETAIL_LINES, self.app.size.height // 3) if self.is_unfolded else DETAIL_LINES

    def says_nothing(self) -> bool:
        """Whether there is nothing to tell without a row."""
        return not self.describe_nothing()

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows all of the row under the cursor, once it rests there."""
        event.stop()
        key = event.row.key if event.row else ""
        if self._resting is not None:
            self._resting.stop()
        if REST_SECONDS and key and self._told_key not in ("", key):
            self._resting = self.set_timer(REST_SECONDS, self._rested)
        else:
            self._rested()

    def _rested(self) -> None:
        if self.is_up:
            row = self.table.cursor_row
            self._told_key = row.key if row else ""
            self.cursor_rested()

    def cursor_rested(self) -> None:
        """Shows all of the row that the cursor came to."""
        self.show_detail()

    def show_detail(self) -> None:
        """Shows all of the row under the cursor."""
        row = self.table.cursor_row
        detail = self.query_one("#detail", Detail)
        detail.show(self.describe(row) if row else self.describe_nothing())
        self.show_folded()

    def show_folded(self) -> None:
        """Shows the beginning of the detail in its rule, where that is all that there is room for."""
        rule, detail = self.query_one("#detail-rule", TitleRule), self.query_one("#detail", Detail)
        is_folded = bool(detail.in_one) and not detail.display
        rule.FILL = " " if is_folded else TitleRule.FILL
        if not is_folded:
            rule.show([Piece("─")])
            return
        more = f" {self.key_of('z')} more ─"
        room = self.app.size.width - len(more) - 3
        first = wrap_pieces(detail.in_one, room)[0]
        rule.show([Piece("─ "), *first], [Piece(more, Tone.DIM)])
