"""Groups and their members as rows: how many are in each now, of how many that is not known, and why."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from fleet.answers import Answer
from fleet.errors import PatchdeckError
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster, Members
from fleet.hostile import clean, clean_name
from fleet.machines import Machine
from ops.cli.values import as_text
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

GROUP_COLUMNS = (
    TableColumn("name", "Group", most=40, least=12, priority=0),
    TableColumn("kind", "By", most=10, least=5, priority=3),
    TableColumn("members", "Members", is_number=True, priority=1),
    TableColumn("unknown", "Unknown", is_number=True, priority=2),
    TableColumn("definition", "Definition", most=70, least=20, priority=1),
    TableColumn("users", "Used by", most=40, least=10, priority=4),
    TableColumn("profile", "Profile", most=20, least=7, priority=5),
    TableColumn("description", "Description", most=60, least=12, priority=6),
)
MEMBER_COLUMNS = (
    TableColumn("name", "Machine", most=40, least=14, priority=0),
    TableColumn("member", "Member", most=8, least=7, priority=1),
    TableColumn("why", "Why", most=120, least=24, priority=1),
    TableColumn("enabled", "Enabled", most=8, least=7, priority=3),
)


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group with who is in it now; ``members`` None: why that cannot be said is in ``problem``."""

    group: Group
    members: Members | None
    problem: str
    users: tuple[str, ...]


def groups_now(
    groups: Sequence[Group], roster: GroupRoster, users: Mapping[str, Collection[str]]
) -> Iterator[GroupNow]:
    """Each of the groups with its members; one that cannot be evaluated says so, and keeps no other from it."""
    for group in groups:
        members, problem = None, ""
        try:
            members = roster.find(group.name)
        except PatchdeckError as error:
            problem = str(error)
        yield GroupNow(group, members, problem, tuple(users.get(group.name, ())))


def group_row(now: GroupNow) -> Row:
    """The row of one group; a count that is not known is shown as ``?``, never as 0."""
    group, members = now.group, now.members
    known = len(members.known) if members else None
    unknown = len(members.unknown) if members else None
    cells = (
        group.name,
        group.kind.value,
        "?" if known is None else f"{known:,}",
        "?" if unknown is None else f"{unknown:,}",
        clean(group.definition),
        clean(", ".join(now.users)),
        clean(group.profile or ""),
        clean(group.description),
    )
    tones = (
        Tone.BAD if now.problem else Tone.STRONG,
        Tone.DIM,
        Tone.BAD if now.problem else Tone.NORMAL if known else Tone.PENDING,
        Tone.PENDING if unknown else Tone.DIM,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (group.name.casefold(), cells[1], known, unknown, *(cell.casefold() for cell in cells[4:]))
    return Row(group.name, cells, tones, order)


def describe_group(now: GroupNow) -> list[tuple[Piece, ...]]:
    """All of a group in a few lines, what makes it unusable first."""
    group = now.group
    lines: list[tuple[Piece, ...]] = [(Piece(now.problem, Tone.BAD),)] if now.problem else []
    lines.append((Piece(group.name, Tone.STRONG), *labelled(f"by {group.kind.value}", group.definition)))
    lines.append(labelled("Used by", ", ".join(now.users) or "nothing"))
    if group.profile:
        lines.append(labelled("Logs in by the profile", group.profile))
    if group.description:
        lines.append((Piece(group.description),))
    return lines


def member_rows(name: str, roster: GroupRoster, machines: Sequence[Machine]) -> list[Row]:
    """The machines that are in the group, then those of which it is not known, each with why.

    Raises:
        PatchdeckError: the group cannot be evaluated.
    """
    found = roster.find(name)
    rows = [_member_row(name, roster, each, Answer.YES) for each in machines if each.id in found.known]
    return rows + [_member_row(name, roster, each, Answer.UNKNOWN) for each in machines if each.id in found.unknown]


def _member_row(name: str, roster: GroupRoster, machine: Machine, answer: Answer) -> Row:
    is_in = answer is Answer.YES
    why = "; ".join(roster.reasons(name, machine.id))
    cells = (clean_name(machine.name), "yes" if is_in else "unknown", clean(why), as_text(machine.enabled))
    tones = (
        Tone.STRONG if machine.enabled else Tone.OFFLINE,
        Tone.GOOD if is_in else Tone.PENDING,
        Tone.NORMAL,
        Tone.NORMAL if machine.enabled else Tone.OFFLINE,
    )
    return Row(machine.id, cells, tones, (machine.name.casefold(), *cells[1:]))
