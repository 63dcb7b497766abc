"""Groups and their members as rows of the command line."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from fleet.errors import PatchdeckError
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster
from fleet.machines import Machine
from ops.cli.listing import Column, Listing

_GROUPS = (
    Column("name", "Group"),
    Column("kind", "Kind"),
    Column("members", "Members", is_number=True),
    Column("unknown", "Unknown", is_number=True),
    Column("definition", "Definition"),
    Column("problem", "Problem"),
    Column("used_by", "Used by", is_extra=True),
    Column("description", "Description", is_extra=True),
    Column("profile", "Profile", is_extra=True),
)
_MEMBERS = (
    Column("name", "Machine"),
    Column("is_member", "Member"),
    Column("why", "Why", lambda value: "; ".join(value) if isinstance(value, tuple) else ""),
    Column("enabled", "Enabled", is_extra=True),
    Column("id"),
)


def list_groups(groups: Sequence[Group], roster: GroupRoster, users: Mapping[str, Collection[str]]) -> Listing:
    """A row for each group, with how many machines are in it now."""
    return Listing(_GROUPS, [_group_row(group, roster, users.get(group.name, ())) for group in groups])


def list_members(name: str, roster: GroupRoster, machines: Sequence[Machine]) -> Listing:
    """The machines that are in the group, and those of which it is not known, with why."""
    found = roster.find(name)
    members = _rows(name, roster, machines, found.known, "yes")
    return Listing(_MEMBERS, [*members, *_rows(name, roster, machines, found.unknown, "unknown")])


def _rows(
    name: str, roster: GroupRoster, machines: Sequence[Machine], ids: Collection[str], answer: str
) -> Iterator[tuple[object, ...]]:
    for machine in machines:
        if machine.id in ids:
            yield machine.name, answer, roster.reasons(name, machine.id), machine.enabled, machine.id


def _group_row(group: Group, roster: GroupRoster, users: Collection[str]) -> tuple[object, ...]:
    members: int | None = None
    unknown: int | None = None
    problem = ""
    try:
        found = roster.find(group.name)
        members, unknown = len(found.known), len(found.unknown)
    except PatchdeckError as error:
        problem = str(error)
    return (
        group.name,
        group.kind.value,
        members,
        unknown,
        group.definition,
        problem,
        ", ".join(users),
        group.description,
        group.profile,
    )
