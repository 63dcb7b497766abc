"""A shared home as rows and in words."""

from collections.abc import Iterator

from fleet.roles import MEANINGS, Role
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.home import Home
from ops.roles import SharedRoles, Standing, user_name
from ops.sharing import Shared

_MOST_LEFT_SHOWN = 10


def list_roles(shared: SharedRoles | None) -> Listing:
    """A row a group with its role; none where the home is not shared."""
    found = [] if shared is None else [(role, each) for role, groups in shared.groups.items() for each in groups]
    rows = [(role.word, each.name, each.number, MEANINGS[role]) for role, each in found]
    return Listing(
        (
            Column("role", "Role"),
            Column("group", "Group"),
            Column("gid", "Number", is_number=True),
            Column("may", "May"),
        ),
        rows,
    )


def describe_home(home: Home, shared: SharedRoles | None, standing: Standing) -> Iterator[str]:
    """Whose the home is, and what whoever asks may do there."""
    owner = user_name(home.path.stat().st_uid)
    if shared is None:
        yield f"{home.path} is not shared: it is {owner}'s. To share it: patchdeck home share --help"
    else:
        yield f"{home.path} is {owner}'s, who runs its service, and is shared."
    if standing.role is Role.ADMIN:
        yield f"You may do {MEANINGS[Role.ADMIN]}."
    else:
        yield f"You may {MEANINGS[standing.role]}: {standing.reason}."


def describe_shared(home: Home, done: Shared) -> Iterator[str]:
    """What was done, what was left alone, and what is to be seen to."""
    yield f"{home.path}: access of {count_of(done.files, 'file')} is set."
    for line in done.left[:_MOST_LEFT_SHOWN]:
        yield f"Left alone: {line}"
    if len(done.left) > _MOST_LEFT_SHOWN:
        yield f"And {len(done.left) - _MOST_LEFT_SHOWN} more."
    if done.left:
        yield "What belongs to others only they or root can change: run it again as root."
    yield from done.notes
