"""The scope as rows: the groups that may be in it, the machines inside, and those outside with why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet.hostile import clean, clean_name
from fleet.machines import Machine
from ops.cli.values import count_of
from tui.rows.group_rows import GroupNow
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from ops.scoping import ScopeSight

SCOPE_COLUMNS = (
    TableColumn("name", "Group", most=40, least=12, priority=0),
    TableColumn("scope", "In the scope", most=14, least=12, priority=1),
    TableColumn("members", "Members", is_number=True, priority=1),
    TableColumn("unknown", "Unknown", is_number=True, priority=2),
    TableColumn("definition", "Definition", most=80, least=20, priority=2),
)
SCOPED_MACHINE_COLUMNS = (
    TableColumn("name", "Machine", most=40, least=14, priority=0),
    TableColumn("why", "Why", most=140, least=30, priority=1),
    TableColumn("enabled", "Enabled", most=8, least=7, priority=2),
)


@dataclass(frozen=True, slots=True)
class ScopeNow:
    """The scope, every group with its members, and the machines by whether they may be touched."""

    sight: "ScopeSight"
    groups: dict[str, GroupNow]
    inside: tuple[Row, ...]
    outside: tuple[Row, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The groups of the scope; none where there is no scope."""
        return self.sight.view.scope.groups if self.sight.view is not None else ()

    def is_in(self, group: str) -> bool:
        """Whether the group called ``group`` is in the scope."""
        return self.sight.view is not None and self.sight.view.scope.names(group)


def scope_now(sight: "ScopeSight", groups: Sequence[GroupNow]) -> ScopeNow:
    """All that the screen of the scope shows."""
    inside: list[Row] = []
    outside: list[Row] = []
    for machine in sight.machines:
        why = sight.refusal(machine)
        if why is None:
            inside.append(_machine_row(machine, _because(sight, machine), Tone.GOOD))
        else:
            outside.append(_machine_row(machine, why, Tone.PENDING))
    return ScopeNow(sight, {now.group.name: now for now in groups}, tuple(inside), tuple(outside))


def scope_rows(now: ScopeNow) -> list[Row]:
    """A row for each group, those of the scope first; one of the scope that is not there any more too."""
    known = {name.casefold() for name in now.groups}
    gone = [_gone_row(name) for name in now.names if name.casefold() not in known]
    rows = [_group_row(group, is_in=now.is_in(name)) for name, group in now.groups.items()]
    return [*gone, *sorted(rows, key=lambda row: (row.cells[1] != "yes", row.order[0]))]


def effect_text(sight: "ScopeSight") -> str:
    """What would be so: ``12 of 24 machines may be touched, 1 in work is cut off``."""
    total = count_of(len(sight.machines), "machine")
    if sight.view is None:
        return f"Then there is no scope: all of {total} may be touched."
    text = f"Then {len(sight.inside):,} of {total} may be touched; nothing connects to any other."
    cut = len(sight.cut_off)
    return f"{text} A run works on {count_of(cut, 'machine')} of those outside: it is cut off there." if cut else text


def describe_scope_group(now: ScopeNow, name: str) -> list[tuple[Piece, ...]]:
    """What the group under the cursor has to do with the scope."""
    group = now.groups.get(name)
    if group is None:
        return [(Piece(f"There is no group {clean(name)} any more: by it nobody is inside.", Tone.BAD),)]
    is_in = now.is_in(name)
    claim = "Its members may be touched." if is_in else "It is not in the scope."
    lines: list[tuple[Piece, ...]] = [(Piece(name, Tone.STRONG), Piece(claim, Tone.GOOD if is_in else Tone.DIM))]
    lines += [(Piece(group.problem, Tone.BAD),)] if group.problem else []
    key = ("x", "takes it out of the scope") if is_in else ("a", "lets its members be touched")
    return [*lines, (Piece(key[0], Tone.KEY), Piece(key[1]))]


def _because(sight: "ScopeSight", machine: Machine) -> str:
    return "; ".join(sight.view.member_of(machine.id)) if sight.view is not None else "there is no scope"


def _machine_row(machine: Machine, why: str, tone: Tone) -> Row:
    cells = (clean_name(machine.name), clean(why), "yes" if machine.enabled else "no")
    tones = (Tone.STRONG if machine.enabled else Tone.OFFLINE, tone, Tone.DIM)
    return Row(machine.id, cells, tones, (machine.name.casefold(), *cells[1:]))


def _group_row(now: GroupNow, *, is_in: bool) -> Row:
    known = len(now.members.known) if now.members else None
    unknown = len(now.members.unknown) if now.members else None
    counts = tuple("?" if count is None else f"{count:,}" for count in (known, unknown))
    cells = (now.group.name, "yes" if is_in else "no", *counts, clean(now.problem or now.group.definition))
    tones = (
        Tone.STRONG if is_in else Tone.NORMAL,
        Tone.GOOD if is_in else Tone.DIM,
        Tone.NORMAL,
        Tone.PENDING if unknown else Tone.DIM,
        Tone.BAD if now.problem else Tone.DIM,
    )
    return Row(now.group.name, cells, tones, (now.group.name.casefold(), cells[1], known, unknown, cells[4].casefold()))


def _gone_row(name: str) -> Row:
    cells = (clean(name), "yes", "?", "?", "There is no such group any more: by it nobody is inside.")
    tones = (Tone.BAD, Tone.GOOD, Tone.BAD, Tone.BAD, Tone.BAD)
    return Row(name, cells, tones, (name.casefold(), "yes", None, None, ""))
