"""Missing updates over all machines, and from one of them to the machines that need it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from ops.apart.reader import ask_apart
from ops.cli.values import count_of
from ops.missing import MissingUpdate
from ops.missing_groups import MissingGroup, MissingGroups, group_missing, key_of, list_groups, list_needing
from tui.background import in_thread
from tui.newest_read import Known, NewestRead, is_known, know
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
        self._known: Known[MissingGroups] | None = None

    @cached_property
    def _reading(self) -> NewestRead[tuple[Known[MissingGroups], list[Row]]]:
        return NewestRead(self.deck, self._read, self._take, self.fail_to_read, what="reading the missing updates")

    def fleet_changed(self) -> None:
        """Reads the updates anew where the fleet changed, and shows how old they are by now."""
        if self.deck.fleet.revision is not None and not is_known(self._known, self.deck):
            self._reading.ask()
        self._show()

    def instant_changed(self) -> None:
        """Forgets what was missing at another instant."""
        self._known = self._groups = None
        if self.is_up:
            self.table.set_rows(())
        self._show()

    def _read(self, at: datetime | None) -> tuple[Known[MissingGroups], list[Row]]:
        home = self.deck.home
        known = know(self._known, self.deck, at, lambda: ask_apart(home, list_groups, at))
        return known, missing_rows(known.found.groups, known.made_at)

    def _take(self, read: tuple[Known[MissingGroups], list[Row]]) -> None:
        (self._known, rows), self.problem = read, ""
        self._groups = {group.key: group for group in self._known.found.groups}
        if self.is_up:
            self.table.set_rows(rows)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        self.show_notice()
        self.show_title()
        self.show_detail()

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The update in ``row``."""
        group = (self._groups or {}).get(row.key)
        return describe_group(group) if group else ()

    def title_facts(self) -> list[Piece]:
        """Over how many machines."""
        count = self._known.found.machine_count if self._known else 0
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
        in_thread(deck, work, show, deck.complain, what="reading the machines of the update", opens=True)

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
        self._group, self.about = group, key_of(group.update)
        self._missing: Sequence[MissingUpdate] | None = None
        self._known: Known[Sequence[MissingUpdate]] | None = None
        name, version = group.update.name, group.update.offered_version
        self.crumb = f"{shown_name(name, version)} {shown_version(version)}".rstrip()

    @cached_property
    def _reading(self) -> NewestRead[tuple[Known[Sequence[MissingUpdate]], MissingGroup, list[Row]]]:
        return NewestRead(
            self.deck, self._read, self._take, self.fail_to_read, what="reading the machines of the update"
        )

    def above_table(self) -> ComposeResult:
        """What is known of the update, whichever machine needs it."""
        yield Detail(id="update")

    def beside(self) -> Sequence[Beside]:
        """The detail of the machine, then what is known of the update."""
        update = self.query_one("#update", Detail)
        return *super().beside(), Beside(update, min(_UPDATE_LINES, update.count_lines(self.app.size.width)))

    def fleet_changed(self) -> None:
        """Shows the machines as they are known now."""
        self._reading.ask()  # what is known of the machines may have changed, whoever needs it
        self._show()

    def _read(self, at: datetime | None) -> tuple[Known[Sequence[MissingUpdate]], MissingGroup, list[Row]]:
        # Those that need it now are not those that needed it then.
        home, update, find = self.deck.home, self._group.update, self.deck.fleet.find
        known = know(self._known, self.deck, at, lambda: ask_apart(home, list_needing, update, at))
        nobody = replace(self._group, machine_count=0, installable=0, blockers=())
        group = next(iter(group_missing(known.found)), nobody)
        rows = needing_rows(known.found, [find(each.machine_id) for each in known.found], known.made_at)
        return known, group, rows

    def _take(self, read: tuple[Known[Sequence[MissingUpdate]], MissingGroup, list[Row]]) -> None:
        (self._known, self._group, rows), self.problem = read, ""
        self._missing = self._known.found
        if self.is_up:
            self.table.set_rows(rows)
        self._show()

    def _show(self) -> None:
        if not self.is_up:
            return
        self.query_one("#update", Detail).show(describe_group(self._group))
        self.share_room()
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
