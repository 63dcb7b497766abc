"""Missing updates over all machines, and from one of them to the machines that need it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ops.apart.reader import ask_apart
from ops.cli.values import count_of
from ops.missing import MissingUpdate
from ops.missing_groups import MissingGroup, MissingGroups, group_missing, list_groups, list_needing
from tui.background import in_thread, read_at_instant
from tui.rows.missing_rows import (
    MISSING_COLUMNS,
    NEEDING_COLUMNS,
    describe_group,
    describe_needing,
    missing_rows,
    needing_rows,
)
from tui.rows.past_notes import nothing_known_then
from tui.rows.update_names import copied_name, shown_name, shown_version
from tui.screens.deck_screen import DeckScreen
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.folding_screen import Beside
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

_UPDATE_LINES = 7


class MissingScreen(DetailedScreen):
    """One row for each update that any machine misses."""

    crumb = "Missing updates"
    COLUMNS = MISSING_COLUMNS
    DEFAULT_ORDER = "class"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "machines", tooltip="The machines that need this update"),
        Binding("w", "why", "why not", tooltip="Why it is not installed: every reason over all its machines"),
        Binding(
            "i", "show_about", "about", tooltip="Its advisories, CVEs by the feeds, and the next runs that take it"
        ),
        Binding("Y", "copy_name", "copy KB", show=False, tooltip="Copy the KB of the update, or the package's name"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[str, MissingGroup] | None = None
        self._machine_count = 0
        self._read_for: int | None = None

    def fleet_changed(self) -> None:
        """Reads the updates anew where the fleet changed, and shows them."""
        deck = self.deck
        if deck.fleet.revision is not None and self._read_for != deck.fleet.revision:
            self._read_for = deck.fleet.revision
            read_at_instant(deck, self._read_groups, self._take, deck.complain, what="reading the missing updates")
        self._show()

    def instant_changed(self) -> None:
        """Forgets what was missing at another instant."""
        self._read_for = self._groups = None
        self._show()

    def _read_groups(self, at: datetime | None) -> MissingGroups:
        return ask_apart(self.deck.home, list_groups, at)

    def _take(self, found: MissingGroups) -> None:
        self._groups = {group.key: group for group in found.groups}
        self._machine_count = found.machine_count
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        self.table.set_rows(missing_rows((self._groups or {}).values(), self.deck.clock()))
        self.show_notice()
        self.show_title()
        self.show_detail()

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The update in ``row``."""
        group = (self._groups or {}).get(row.key)
        return describe_group(group) if group else ()

    def title_facts(self) -> list[Piece]:
        """Over how many machines."""
        count = self._machine_count if self._groups else 0
        return [Piece(f"on {count_of(count, 'machine')}", Tone.DIM)] if count else []

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """Nothing is missing, or nothing is known: those differ."""
        if self._groups is None:
            return ((Piece("Reading the missing updates …", Tone.DIM),),)
        past = self.deck.travel.fleet
        if past is not None and past.is_before_all:
            return nothing_known_then(past)
        if self.deck.fleet.is_empty:
            return ((Piece("No machine is enrolled yet."),), (Piece("1", Tone.KEY), Piece("  goes to the machines")))
        counted = sum(each.last_answer.counts.total for each in self.deck.fleet.statuses if each.last_answer)
        if counted:
            told = f"The last answers counted {counted:,} missing updates, but the tables do not hold them."
            return (
                (Piece(told, Tone.BAD),),
                (Piece("1", Tone.KEY), Piece("  goes to the machines, to assess them again")),
            )
        return (
            (Piece("No machine that answered misses an update."),),
            (Piece("1", Tone.KEY), Piece("  shows which machines answered, and assesses them")),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the machines that need the update under the cursor."""
        if group := self._group_under_cursor():
            self.app.push_screen(NeedingScreen(group))

    def action_show_about(self) -> None:
        """Shows all that is known of the update under the cursor."""
        from tui.screens.one_update import UpdateScreen

        self._open_over_machines(UpdateScreen)

    def action_why(self) -> None:
        """Shows why the update under the cursor is not installed."""
        from tui.screens.why import WhyEverywhereScreen

        self._open_over_machines(WhyEverywhereScreen)

    def _open_over_machines(self, screen: Callable[[Sequence[MissingUpdate]], DeckScreen]) -> None:
        """Opens ``screen`` over the machines of the update under the cursor, once they are read."""
        group, deck = self._group_under_cursor(), self.deck
        if group is None:
            return

        def show(missing: Sequence[MissingUpdate]) -> None:
            if missing and self.is_current:
                deck.push_screen(screen(missing))

        update, at = group.update, deck.instant
        work = lambda: ask_apart(deck.home, list_needing, update, at)  # noqa: E731  # one expression, used once
        in_thread(deck, work, show, deck.complain, what="reading the machines of the update")

    def action_copy_name(self) -> None:
        """Copies the KB of the update under the cursor, or the package's name."""
        if group := self._group_under_cursor():
            copied = copied_name(group.update)
            self.deck.copy(copied, copied)

    def _group_under_cursor(self) -> MissingGroup | None:
        row = self.table.cursor_row
        return (self._groups or {}).get(row.key) if row else None


class NeedingScreen(DetailedScreen):
    """The machines that miss one update, below what is known of it."""

    COLUMNS = NEEDING_COLUMNS
    DEFAULT_ORDER = "name"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Look at the machine under the cursor"),
        Binding("w", "why", "why not", tooltip="Why it is not installed on the machine under the cursor: every reason"),
        Binding(
            "i", "show_about", "about", tooltip="Its advisories, CVEs by the feeds, and the next runs that take it"
        ),
        Binding("A", "assess", "assess", tooltip="Assess the marked machines, else all that are shown"),
        Binding("space", "mark", "mark", tooltip="Mark the machine; marks outlast the filter"),
        Binding("Y", "copy_name", "copy KB", show=False, tooltip="Copy the KB of the update, or the package's name"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, group: MissingGroup) -> None:
        super().__init__()
        self._group = group
        self._missing: Sequence[MissingUpdate] | None = None
        self._read_for: object = None
        name, version = group.update.name, group.update.offered_version
        self.crumb = f"{shown_name(name, version)} {shown_version(version)}".rstrip()

    def above_table(self) -> ComposeResult:
        """What is known of the update, whichever machine needs it."""
        yield Detail(id="update")

    def beside(self) -> Sequence[Beside]:
        """The detail of the machine, then what is known of the update."""
        update = self.query_one("#update", Detail)
        return *super().beside(), Beside(update, min(_UPDATE_LINES, update.count_lines(self.app.size.width)))

    def fleet_changed(self) -> None:
        """Shows the machines as they are known now."""
        self._show()
        deck, update = self.deck, self._group.update
        state = (deck.fleet.revision, deck.instant)
        if self._read_for == state:
            return
        self._read_for = state
        # Those that need it now are not those that needed it then.
        work = lambda at: ask_apart(deck.home, list_needing, update, at)  # noqa: E731  # one expression, used once
        read_at_instant(deck, work, self._take, deck.complain, what="reading the machines of the update")

    def _take(self, missing: Sequence[MissingUpdate]) -> None:
        self._missing = missing
        nobody = replace(self._group, machine_count=0, installable=0, blockers=())
        self._group = next(iter(group_missing(missing)), nobody)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        group, missing = self._group, self._missing or ()
        statuses = [self.deck.fleet.find(each.machine_id) for each in missing]
        self.query_one("#update", Detail).show(describe_group(group))
        self.share_room()
        self.table.set_rows(needing_rows(missing, statuses, self.deck.clock()))
        self.show_notice()
        self.show_title()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """The machines of the update."""
        return f"Machines that need {copied_name(self._group.update)}"

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """None needs it any more, or the machines are being read."""
        if self._missing is None:
            return ((Piece("Reading the machines that need it …", Tone.DIM),),)
        return ((Piece("No machine needs this update any more."),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """Why or why not on this machine."""
        return describe_needing(row, has_versions=self._group.update.windows is None)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine under the cursor."""
        if row := self.table.cursor_row:
            self.deck.open_machine(row.key)

    def action_show_about(self) -> None:
        """Shows all that is known of the update, unless nobody needs it any more."""
        from tui.screens.one_update import UpdateScreen

        if self._missing:
            self.app.push_screen(UpdateScreen(self._missing))

    def action_why(self) -> None:
        """Shows why the machine under the cursor has it not installed."""
        row = self.table.cursor_row
        found = next((each for each in self._missing or () if row and each.machine_id == row.key), None)
        if found is not None:
            from tui.screens.why import WhyScreen

            self.app.push_screen(WhyScreen(found))

    def action_mark(self) -> None:
        """Marks the row under the cursor."""
        self.table.toggle_mark()

    def action_assess(self) -> None:
        """Assesses the marked machines, else all shown."""
        rows = self.table.contents.marked or self.table.contents.shown
        found = [status.machine for row in rows if (status := self.deck.fleet.find(row.key))]
        self.deck.deeds.assess(found)

    def action_copy_name(self) -> None:
        """Copies the KB of the update, or the package's name."""
        copied = copied_name(self._group.update)
        self.deck.copy(copied, copied)
