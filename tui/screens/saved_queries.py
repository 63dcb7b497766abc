"""The predefined and the saved queries, by group, with what each answers."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.hostile import clean
from tui.background import in_thread
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from query.library import SavedQuery
    from tui.app import PatchdeckApp


class SavedQueries(Overlay["SavedQuery"]):
    """Gives the chosen query."""

    DEFAULT_CSS = """
    SavedQueries > .box { width: 100; height: 90%; }
    SavedQueries Detail { height: 4; }
    """
    TITLE_TEXT = "Queries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "ask", tooltip="Put it into the editor and ask it"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._queries: tuple[SavedQuery, ...] = ()

    def content(self) -> ComposeResult:
        """The queries, and what the one under the cursor answers."""
        yield BigTable(
            (
                TableColumn("title", "Query", most=60, least=20, priority=0),
                TableColumn("group", "Group", most=20, least=10, priority=1),
                TableColumn("name", "Name", most=32, least=10, priority=2),
            )
        )
        yield Detail()

    def on_mount(self) -> None:
        """Reads the queries, in a thread: they are files."""
        deck = cast("PatchdeckApp", self.app)

        def read() -> "tuple[SavedQuery, ...]":
            from ops.questions import saved_queries

            return saved_queries(deck.home)

        in_thread(deck, read, self._take, deck.complain, what="reading the saved queries")

    def _take(self, queries: "tuple[SavedQuery, ...]") -> None:
        self._queries = queries
        rows = [
            Row(
                str(number),
                (clean(each.title, 120), clean(each.group, 60), clean(each.name, 60)),
                (Tone.BAD if each.problem else Tone.STRONG, Tone.DIM, Tone.DIM),
            )
            for number, each in enumerate(queries)
        ]
        self.query_one(BigTable).set_rows(rows)

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows what the query under the cursor answers and takes."""
        event.stop()
        if event.row is None:
            return
        saved = self._queries[int(event.row.key)]
        if saved.problem:
            self.query_one(Detail).show([(Piece(saved.problem, Tone.BAD),)])
            return
        takes = ", ".join(f"${each.name} ({each.meaning})" for each in saved.parameters)
        lines: list[tuple[Piece, ...]] = [(Piece(saved.help or saved.title),)]
        lines += [(Piece("Takes", Tone.DIM), Piece(takes))] if takes else []
        self.query_one(Detail).show(lines)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Gives the query under the cursor; one that cannot be used stays where it is."""
        if (row := self.query_one(BigTable).cursor_row) and not self._queries[int(row.key)].problem:
            self.dismiss(self._queries[int(row.key)])
