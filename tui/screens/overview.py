"""The overview: what needs somebody now, how compliant the fleet is, by system and by group, and how that went."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fleet.errors import PatchdeckError
from tui import overview_ways
from tui.overview_feed import OverviewFeed
from tui.rows.overview_rows import MORE, OVERVIEW_COLUMNS, overview_rows, title_pieces, trend_pieces
from tui.rows.past_notes import nothing_known_then
from tui.screens.deck_screen import DeckScreen
from tui.tones import Tone
from tui.widgets.line import Line, Piece
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from ops.overview.reading import Overview
    from ops.overview.trend import TrendDay


# Below, bars would take the room of words.
WIDE_CELLS = 140


class OverviewScreen(DeckScreen):
    """One row for each thing that needs somebody, each system and each group; what does not fit is behind one row."""

    DEFAULT_CSS = """
    OverviewScreen #trend { padding: 0 2; }
    """
    crumb = "Overview"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Go to exactly the machines, runs or alerts of this row"),
        Binding("t", "show_trend", "trend", tooltip="Compliance of each day, as a query with its chart"),
        Binding("A", "assess", "assess", tooltip="Assess all machines; x among the machines stops it"),
        Binding("y", "copy", "copy", show=False, tooltip="Copy the row to the clipboard (OSC 52, also over SSH)"),
        Binding("escape", "back", "back", show=False, tooltip="Show as many rows as fit again, else go back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._feed: OverviewFeed | None = None
        self._is_whole = self._has_bars = False
        self._problem = ""

    def body(self) -> ComposeResult:
        """The title, the trend, and the table with all the rest."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield Line(id="trend")
            yield BigTable(OVERVIEW_COLUMNS)

    @property
    def table(self) -> BigTable:
        """The table."""
        return self.query_one(BigTable)

    @property
    def feed(self) -> OverviewFeed:
        """What is read for it."""
        if self._feed is None:
            self._feed = OverviewFeed(self.deck, self._show, self._fail, self._show_trend)
        return self._feed

    # What is shown

    def on_mount(self) -> None:
        """Follows deployments, runs, decisions and the service, whoever changes them."""
        work = self.deck.work
        work.decided.subscribe(self, lambda _: self._decided())
        work.changed.subscribe(self, lambda _: self._in_front(self.feed.read_kept))
        work.written.subscribe(self, lambda _: self._in_front(self.feed.look_at_service))
        self._show_nothing_yet()

    def fleet_changed(self) -> None:
        """Reads anew, once the fleet is there."""
        self.feed.follow()

    def instant_changed(self) -> None:
        """Forgets what was read of another instant."""
        self.feed.forget()
        if self.is_up:
            self.table.set_rows(())
            self._show_nothing_yet()

    def _decided(self) -> None:
        self.feed.decide()
        self._in_front(self.feed.read)

    def _in_front(self, read: Callable[[], None]) -> None:
        # Behind another screen it catches up when it comes to the front.
        if self.is_current and self.is_up:
            read()

    def _show(self, overview: "Overview") -> None:
        self._problem = ""
        if not self.is_up:
            return
        if overview.is_empty:
            self.table.set_rows(())
            self.table.set_notice(*(nothing_known_then(self.deck.travel.fleet) if overview.is_past else _EMPTY))
            self.query_one("#title", TitleRule).show_title("Overview")
            self.query_one("#trend", Line).show([])
            return
        self._put_rows(overview)
        self._show_title()

    def _put_rows(self, overview: "Overview") -> None:
        room = None if self._is_whole else self.table.page_rows
        had_bars, self._has_bars = self._has_bars, self.size.width >= WIDE_CELLS
        rows = overview_rows(overview, room, has_bars=self._has_bars)
        known = self.table.contents.rows
        if had_bars == self._has_bars and [row.key for row in known] == [row.key for row in rows]:
            self.table.replace_rows(new for old, new in zip(known, rows, strict=True) if old != new)
        else:
            self.table.set_rows(rows)

    def _show_trend(self, days: "Sequence[TrendDay] | None", problem: str) -> None:
        if self.is_up:
            known = trend_pieces(days) if days is not None else [Piece("Trend", Tone.DIM)]
            told = [Piece(f"  {problem}", Tone.BAD)] if problem else []
            self.query_one("#trend", Line).show([*known, *told])

    def _show_nothing_yet(self) -> None:
        self.query_one("#title", TitleRule).show_title("Overview")
        self.query_one("#trend", Line).show([Piece("Trend  reading the last 30 days …", Tone.DIM)])
        self.table.set_notice((Piece("Reading the overview …", Tone.DIM),))

    def show_problem(self) -> None:
        """Says in the place of rows, or in the title, that they cannot be read."""
        problem = self._problem or self.deck.fleet.problem
        if self.table.contents.rows:
            self._show_title()
        elif problem:
            self.table.set_notice(
                (Piece(problem, Tone.BAD),), (Piece("!", Tone.KEY), Piece("  shows all that was said"))
            )
            self.query_one("#trend", Line).show([Piece("Trend  not known", Tone.DIM)])

    def _show_title(self) -> None:
        is_broken = bool(self._problem or self.deck.fleet.problem)
        facts = [Piece("cannot be read now", Tone.BAD)] if is_broken else []
        overview = self.feed.overview
        pieces = title_pieces(overview) if overview is not None else []
        self.query_one("#title", TitleRule).show_title("Overview", *facts, *pieces)

    def _fail(self, error: PatchdeckError) -> None:
        told, self._problem = self._problem, str(error)
        if self.is_up:
            self.show_problem()
        # Once, not with each look.
        if told != self._problem:
            self.deck.complain(error)

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Other rows fit after a resize."""
        event.stop()
        overview = self.feed.overview
        if overview is not None and not overview.is_empty and not self._is_whole:
            self._put_rows(overview)

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Goes to what the row under the cursor is of; in an empty fleet, to the machines, where one begins."""
        row, overview = self.table.cursor_row, self.feed.overview
        if overview is None:
            return
        if overview.is_empty:
            self.deck.show_machines()
        elif row is not None and row.key.startswith(f"{MORE}:"):
            self._show_all(is_whole=True)
        elif row is not None:
            overview_ways.follow(self.deck, overview, row.key)

    def action_show_trend(self) -> None:
        """Asks for the compliance of each day."""
        overview_ways.show_trend(self.deck)

    def action_assess(self) -> None:
        """Assesses every machine that may be."""
        self.deck.deeds.assess([status.machine for status in self.deck.fleet.statuses])

    def action_copy(self) -> None:
        """Copies the row under the cursor."""
        if row := self.table.cursor_row:
            self.deck.copy("  ".join(cell for cell in row.cells if cell), row.cells[0])

    def action_back(self) -> None:
        """Shows as many rows as fit, else goes back."""
        if self._is_whole:
            self._show_all(is_whole=False)
        else:
            super().action_back()

    def _show_all(self, *, is_whole: bool) -> None:
        self._is_whole = is_whole
        if self.feed.overview is not None:
            self._put_rows(self.feed.overview)


_EMPTY = (
    (Piece("No machine is enrolled yet: there is nothing to look over.", Tone.STRONG),),
    (),
    (Piece("enter", Tone.KEY), Piece("  go to the machines, and enrol this one or another")),
    (Piece(":import FILE", Tone.KEY), Piece("  take a list: CSV, an Ansible inventory, ssh_config, Azure")),
    (),
    (Piece("On the command line: patchdeck machines add NAME --address ADDRESS", Tone.DIM),),
)
