"""The scope: what Patchdeck may touch at all, as groups; who is inside, who is outside, and why."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from tui import scope_deeds
from tui.rows.group_rows import groups_now
from tui.rows.scope_rows import (
    SCOPE_COLUMNS,
    SCOPED_MACHINE_COLUMNS,
    ScopeNow,
    describe_scope_group,
    scope_now,
    scope_rows,
)
from tui.screens.tabbed_screen import TabbedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

_GROUPS, _INSIDE = range(2)


class ScopeScreen(TabbedScreen[ScopeNow]):
    """The groups of the scope, and the machines by whether they may be touched."""

    crumb = "Scope"
    ROW_ACTIONS = TabbedScreen.ROW_ACTIONS | {"add", "remove"}
    READS = "the scope"
    COLUMNS = SCOPE_COLUMNS
    TAB_COLUMNS = (SCOPE_COLUMNS, SCOPED_MACHINE_COLUMNS, SCOPED_MACHINE_COLUMNS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The members of the group, the page of the machine"),
        Binding("a", "add", "add", tooltip="Let the members of the group be touched; shows whom, and asks"),
        Binding("x", "remove", "take out", tooltip="Take the group out of the scope; shows who is left, and asks"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: groups, machines inside, machines outside"),
    ]

    def read(self, statuses: Sequence[MachineStatus]) -> ScopeNow:
        """The scope as it is now; blocking."""
        del statuses  # the scope is judged by what state.db has, never by what a screen has read
        from ops.groups import list_groups
        from ops.scoping import look_at_scope

        sight = look_at_scope(self.deck.home)
        return scope_now(sight, list(groups_now(list_groups(self.deck.home), sight.roster, {})))

    def rows_of(self, known: ScopeNow) -> Sequence[Row]:
        """The rows of the tab in front."""
        return (scope_rows(known), known.inside, known.outside)[self.tab]

    def tab_names(self, known: ScopeNow) -> Sequence[str]:
        """How many are in each."""
        return (f"Groups {len(known.names):,}", f"Inside {len(known.inside):,}", f"Outside {len(known.outside):,}")

    def title_facts(self) -> list[Piece]:
        """Whether there is a scope, and what is wrong with it."""
        if self.known is None:
            return []
        now = self.known
        if now.sight.view is None:
            return [Piece("no scope: every enrolled machine may be touched", Tone.PENDING)]
        facts = [Piece(f"{len(now.inside):,} of {len(now.sight.machines):,} machines may be touched", Tone.NORMAL)]
        broken = len(now.sight.view.problems)
        return facts + ([Piece(f"{broken:,} groups cannot be evaluated", Tone.BAD)] if broken else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """What the group or machine in ``row`` has to do with the scope."""
        if self.known is None:
            return ()
        if self.tab == _GROUPS:
            return describe_scope_group(self.known, row.key)
        is_inside = self.tab == _INSIDE
        claim = Piece("may be touched", Tone.GOOD) if is_inside else Piece("nothing connects to it", Tone.PENDING)
        return [(Piece(row.cells[0], Tone.STRONG), claim), (Piece(row.cells[1]),)]

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a scope is, and how to have one."""
        turn = (Piece("tab", Tone.KEY), Piece("  the next tab"))
        if self.tab != _GROUPS:
            return ((Piece("No machine is " + ("inside." if self.tab == _INSIDE else "outside.")),), turn)
        return (
            (Piece("There is no scope: every enrolled machine may be touched.", Tone.STRONG),),
            (),
            (Piece("A scope is one or more groups; nothing connects to a machine outside of them.", Tone.DIM),),
            (Piece("No group is defined yet, which a scope could be made of.", Tone.DIM),),
            (Piece("7", Tone.KEY), Piece("  goes to the groups, where n defines one")),
            (),
            (Piece("On the command line: patchdeck scope add GROUP", Tone.DIM),),
        )

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens it too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the group or the machine under the cursor."""
        from tui.screens.group import GroupScreen

        row = self.table.cursor_row
        if row is None:
            return
        if self.tab != _GROUPS:
            self.deck.open_machine(row.key)
        elif self.known is not None and row.key in self.known.groups:
            self.app.push_screen(GroupScreen(row.key))

    def action_add(self) -> None:
        """Asks whether to add the group under the cursor."""
        if (name := self._group()) is None or self.known is None:
            return
        if self.known.is_in(name):
            self.deck.say(f"The group {name} is in the scope already; x takes it out.")
        else:
            scope_deeds.ask_to_add(self.deck, name)

    def action_remove(self) -> None:
        """Asks whether to take the group under the cursor out."""
        if (name := self._group()) is None or self.known is None:
            return
        if self.known.is_in(name):
            scope_deeds.ask_to_remove(self.deck, name)
        else:
            self.deck.say(f"The group {name} is not in the scope; a adds it.")

    def _group(self) -> str | None:
        row = self.table.cursor_row
        if self.tab != _GROUPS:
            self.deck.say("The scope consists of groups: they are in the first tab.")
            return None
        return row.key if row else None
