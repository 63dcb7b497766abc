"""The groups: who is in each now, what refers to it, and how it is defined."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from tui import group_deeds
from tui.rows.group_rows import GROUP_COLUMNS, GroupNow, describe_group, group_row, groups_now
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class GroupsScreen(ReadingScreen[dict[str, GroupNow]]):
    """One row for each group."""

    crumb = "Groups"
    ROW_ACTIONS = ReadingScreen.ROW_ACTIONS | {"edit", "mark", "remove"}
    READS = "the groups"
    COLUMNS = GROUP_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "members", tooltip="Who is in the group under the cursor now, and why"),
        Binding("n", "add", "new", tooltip="Define a group; its members are shown while you type"),
        Binding("e", "edit", "edit", tooltip="Change how the group under the cursor is defined"),
        Binding("m", "mark", "mark machines", tooltip="Mark its members on the Machines screen, to act on them"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove it, unless something refers to it"),
    ]

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, GroupNow]:
        """Every group with its members; blocking."""
        from ops.groups import list_groups, open_roster, users_of

        home = self.deck.home
        groups = list_groups(home)
        if not groups:
            return {}
        users = users_of(home, [group.name for group in groups])
        roster = open_roster(home, self.shown_now, known=statuses)
        return {now.group.name: now for now in groups_now(groups, roster, users)}

    def rows_of(self, known: dict[str, GroupNow]) -> Sequence[Row]:
        """A row for each group."""
        return [group_row(now) for now in known.values()]

    @property
    def _current(self) -> GroupNow | None:
        row = self.table.cursor_row
        return (self.known or {}).get(row.key) if row else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the group in ``row``."""
        now = (self.known or {}).get(row.key)
        return describe_group(now) if now else ()

    def title_facts(self) -> list[Piece]:
        """How many cannot be used."""
        broken = sum(bool(now.problem) for now in (self.known or {}).values())
        return [Piece(f"{broken:,} cannot be evaluated", Tone.BAD)] if broken else []

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a group is, and how to have one."""
        return (
            (Piece("No group is defined yet.", Tone.STRONG),),
            (),
            (
                Piece(
                    "A group is machines under a name: group:NAME is a target everywhere, in deployments "
                    "and in the scope. Who is in it is found whenever it is used.",
                    Tone.DIM,
                ),
            ),
            (Piece("n", Tone.KEY), Piece("  define one: a list, an expression such as tag:env=prod, or a query")),
            (),
            (Piece("On the command line: patchdeck groups add --help", Tone.DIM),),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens it too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows who is in the group under the cursor."""
        from tui.screens.group import GroupScreen

        if now := self._current:
            self.app.push_screen(GroupScreen(now.group.name))

    def action_add(self) -> None:
        """Asks for a new one."""
        group_deeds.add(self.deck)

    def action_edit(self) -> None:
        """Asks for its definition."""
        if now := self._current:
            group_deeds.edit(self.deck, now.group)

    def action_mark(self) -> None:
        """Marks its members where they can be acted on."""
        if now := self._current:
            group_deeds.mark_members(self.deck, now)

    def action_remove(self) -> None:
        """Asks whether to remove it."""
        if now := self._current:
            group_deeds.ask_to_remove(self.deck, now)
