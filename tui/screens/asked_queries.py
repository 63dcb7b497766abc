"""What was asked before: searched in, and put into the editor again."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.hostile import clean
from ops.permission import refusal
from tui.background import in_thread
from tui.presence import is_up
from tui.rows.ages import describe_age
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.prompt import Prompt
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from ops.asked_queries import AskedQuery
    from tui.app import PatchdeckApp


class AskedQueries(Overlay["AskedQuery"]):
    """Gives the chosen query. ``/`` filters by any word of the texts."""

    DEFAULT_CSS = """
    AskedQueries > .box { width: 120; height: 90%; }
    AskedQueries Detail { height: 6; }
    AskedQueries .keys { background: $surface; }
    """
    TITLE_TEXT = "Asked before"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "take", tooltip="Put it into the editor, with its values"),
        Binding("slash", "filter", "filter", priority=True, tooltip="Look for words in the queries"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked: tuple[AskedQuery, ...] = ()

    def content(self) -> ComposeResult:
        """The queries, the newest first, and the whole text of the one under the cursor."""
        yield BigTable(
            (
                TableColumn("text", "Query", most=200, least=20, priority=0),
                TableColumn("language", "In", most=4, least=3, priority=1),
                TableColumn("at", "Asked", most=12, least=6, priority=2),
            )
        )
        yield Detail()
        yield Prompt()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Reads them, in a thread: they are a file."""
        deck = cast("PatchdeckApp", self.app)
        keys = [Piece("enter", Tone.KEY), Piece(" into the editor  ", Tone.DIM), Piece("/", Tone.KEY)]
        self.query_one(".keys", Line).show([*keys, Piece(" filter", Tone.DIM)])
        why = refusal(deck.home.path)
        notice = "What you ask is kept here." if why is None else f"What you ask is not kept: {why}."
        self.query_one(BigTable).set_notice((Piece(f"Nothing was asked yet. {notice}"),))

        def read() -> "tuple[AskedQuery, ...]":
            from ops.asked_queries import list_asked_queries

            return list_asked_queries(deck.home)

        in_thread(deck, read, self._take, deck.complain, what="reading what was asked before")

    def _take(self, asked: "tuple[AskedQuery, ...]") -> None:
        self._asked = asked
        now = cast("PatchdeckApp", self.app).clock()
        rows = [
            Row(
                str(number),
                (clean(each.text, 500), each.language.name, describe_age(each.at, now)),
                (Tone.NORMAL, Tone.DIM, Tone.DIM),
            )
            for number, each in enumerate(asked)
        ]
        if is_up(self):
            self.query_one(BigTable).set_rows(rows)

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the whole text under the cursor, with its values."""
        event.stop()
        if event.row is None:
            return
        asked = self._asked[int(event.row.key)]
        values = ", ".join(f"${name} = {value}" for name, value in asked.parameters)
        lines: list[tuple[Piece, ...]] = [(Piece(values, Tone.ACCENT),)] if values else []
        self.query_one(Detail).show([*lines, (Piece(asked.text),)])

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Gives the query under the cursor."""
        if row := self.query_one(BigTable).cursor_row:
            self.dismiss(self._asked[int(row.key)])

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.query_one(Prompt).open("/", self.query_one(BigTable).filter_text)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Filters by all that was typed."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_cancelled(self) -> None:
        """Clears the filter."""
        self.query_one(BigTable).set_filter("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the filter is typed, a slash is a letter, and enter takes the filter."""
        del parameters
        return action not in ("filter", "choose") or not self.query_one(Prompt).is_open
