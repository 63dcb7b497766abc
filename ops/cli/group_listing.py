"""Groups and their members as rows of the command line."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from fleet.counts import share_of
from fleet.errors import PatchdeckError
from fleet.groups.group import Group, GroupKind
from fleet.groups.membership import GroupRoster, Members
from fleet.machines import Machine
from fleet.targets import find_machines
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text, count_of

# A definition can have ten thousand characters, and a thousand deployments can refer to a group.
_BRIEF_CHARACTERS = 60


def _brief(value: object) -> str:
    text = as_text(value)
    return text if len(text) <= _BRIEF_CHARACTERS else f"{text[: _BRIEF_CHARACTERS - 1]}…"


_GROUPS = (
    Column("name", "Group"),
    Column("kind", "Kind"),
    Column("members", "Members", is_number=True),
    Column("unknown", "Unknown", is_number=True),
    Column("definition", "Definition", _brief),
    Column("problem", "Problem", _brief),
    Column("used_by", "Used by", _brief, is_extra=True),
    Column("description", "Description", _brief, is_extra=True),
    Column("profile", "Profile", is_extra=True),
)
_LABELS = {GroupKind.LIST: "Targets", GroupKind.EXPRESSION: "Expression", GroupKind.QUERY: "Query"}
_MEMBERS = (
    Column("name", "Machine"),
    Column("is_member", "Member"),
    Column("why", "Why", lambda value: "; ".join(value) if isinstance(value, tuple) else ""),
    Column("enabled", "Enabled", is_extra=True),
    Column("id"),
)


def list_groups(groups: Sequence[Group], roster: GroupRoster, users: Mapping[str, Collection[str]]) -> Listing:
    """A row for each group, with how many machines are in it now; long texts are whole in JSON only."""
    return Listing(_GROUPS, [_group_row(group, roster, users.get(group.name, ())) for group in groups])


def describe_groups(listing: Listing) -> str:
    """How many groups there are, and how many of them cannot be evaluated."""
    at = [column.name for column in listing.columns].index("problem")
    broken = sum(bool(row[at]) for row in listing.rows)
    return f"{count_of(len(listing.rows), 'group')}{f'; {broken:,} cannot be evaluated' if broken else ''}."


def group_lines(group: Group, roster: GroupRoster, machines: int, users: Collection[str]) -> Iterator[str]:
    """A group as a page: a line for each thing that it says, whole."""
    found, problem = _look(group, roster)
    values = (
        ("Group", group.name),
        ("Description", group.description),
        ("Profile", group.profile),
        (_LABELS[group.kind], group.query if group.kind is GroupKind.QUERY else group.definition),
        ("Members", describe_members(found, machines) if found else None),
        ("Problem", problem),
        ("Used by", ", ".join(users) or "nothing"),
    )
    for label, value in values:
        if value:
            yield f"{label + ':':<13}{as_text(value)}"


def describe_members(found: Members, machines: int) -> str:
    """How many of the machines are in, and of how many it is not known."""
    unknown = f"; of {len(found.unknown):,} it is not known" if found.unknown else ""
    return f"{share_of(len(found.known), machines)}{unknown}"


def describe_unnamed(group: Group, roster: GroupRoster, machines: Sequence[Machine]) -> Iterator[str]:
    """A sentence for each of the first targets of a list that name nobody now: a mistake, or one not enrolled yet."""
    try:
        _, missing = find_machines(group.targets, machines, roster.members)
    except PatchdeckError:  # its row says so
        return
    yield from (f"Mind: {text}" for text in missing)


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
    found, problem = _look(group, roster)
    return (
        group.name,
        group.kind.value,
        len(found.known) if found else None,
        len(found.unknown) if found else None,
        group.definition,
        problem,
        ", ".join(users),
        group.description,
        group.profile,
    )


def _look(group: Group, roster: GroupRoster) -> tuple[Members | None, str]:
    """Who is in it, or what stands against saying so."""
    try:
        return roster.find(group.name), ""
    except PatchdeckError as error:
        return None, str(error)
