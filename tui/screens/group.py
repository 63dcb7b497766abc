"""One group: who is in it now, of whom that is not known, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.groups.group import Group
from fleet.status import MachineStatus
from tui import group_deeds
from tui.rows.group_rows import MEMBER_COLUMNS, GroupNow, describe_group, groups_now, member_rows
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


@dataclass(frozen=True, slots=True)
class GroupMembersNow:
    """A group, and a row for each machine that is in it or may be."""

    now: GroupNow
    rows: tuple[Row, ...]
    machines: int


class GroupScreen(ReadingScreen[GroupMembersNow]):
    """The members of the group called ``name``."""

    READS = "the members"
    COLUMNS = MEMBER_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "machine", tooltip="Look at the machine under the cursor"),
        Binding("e", "edit", "edit", tooltip="Change how the group is defined"),
        Binding("m", "mark", "mark machines", tooltip="Mark its members on the Machines screen, to act on them"),
        Binding("v", "show", "definition", show=False, tooltip="All of its definition"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._called = self.about = name
        self.crumb = name

    def read(self, statuses: Sequence[MachineStatus]) -> GroupMembersNow:
        """The group and its members; blocking.

        Raises:
            PatchdeckError: there is no such group any more.
        """
        from ops.groups import find_group, open_roster, users_of

        home, group = self.deck.home, find_group(self.deck.home, self._called)
        roster = open_roster(home, self.shown_now, known=statuses)
        now = next(groups_now([group], roster, users_of(home, [group.name])))
        machines = sorted((status.machine for status in statuses), key=lambda machine: machine.name)
        rows = member_rows(group.name, roster, machines) if now.members else []
        return GroupMembersNow(now, tuple(rows), len(machines))

    def rows_of(self, known: GroupMembersNow) -> Sequence[Row]:
        """A row for each member."""
        return known.rows

    @property
    def table_title(self) -> str:
        """The group."""
        return f"Members of {self._called}"

    @property
    def _group(self) -> Group | None:
        return self.known.now.group if self.known else None

    def title_facts(self) -> list[Piece]:
        """Of how many machines, and of how many it is not known."""
        if self.known is None or (members := self.known.now.members) is None:
            return []
        facts = [Piece(f"{len(members.known):,} of {self.known.machines:,} machines are in it", Tone.DIM)]
        return facts + ([Piece(f"{len(members.unknown):,} unknown", Tone.PENDING)] if members.unknown else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """Why the machine is in it, whole."""
        is_in = row.cells[1] == "yes"
        claim = "is in it" if is_in else "may be in it: what decides is not known of it, so it is not taken"
        return [
            (Piece(row.cells[0], Tone.STRONG), Piece(claim, Tone.GOOD if is_in else Tone.PENDING)),
            labelled("because", row.cells[2]),
            labelled("definition", self._group.definition if self._group else ""),
        ]

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That nobody is in it, or why nobody knows."""
        if self.known is None:
            return ()
        now = self.known.now
        edit = (Piece("e", Tone.KEY), Piece("  changes its definition"))
        if now.problem:
            return ((Piece("Who is in it cannot be said:", Tone.STRONG),), (Piece(now.problem, Tone.BAD),), edit)
        return (
            (Piece("No machine is in it now.", Tone.STRONG),),
            (Piece(f"It is defined by {now.group.definition}", Tone.DIM),),
            edit,
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens the machine too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine under the cursor."""
        if row := self.table.cursor_row:
            self.deck.open_machine(row.key)

    def action_edit(self) -> None:
        """Asks for its definition."""
        if group := self._group:
            group_deeds.edit(self.deck, group)

    def action_mark(self) -> None:
        """Marks its members where they can be acted on."""
        if self.known:
            group_deeds.mark_members(self.deck, self.known.now)

    def action_show(self) -> None:
        """Shows all of its definition."""
        from tui.screens.full_text import FullText

        if self.known:
            lines = ["  ".join(piece.text for piece in line) for line in describe_group(self.known.now)]
            self.app.push_screen(FullText(self._called, "\n".join(lines)))
