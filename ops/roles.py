"""Who has which role in a shared home: by Unix groups that `patchdeck home share` wrote down.

The file counts only while nobody but the owner of the home and root could have written it. A group counts only while
it has both the name and the number that it had then: the number of a group that was removed may be another's now.
"""

import grp
import json
import os
import pwd
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import HomeUnusable, NotPermitted
from fleet.roles import Role
from ops.acting_login import acting_login
from ops.home import Home
from ops.permission import is_read_only_asked, refusal

_MOST_BYTES = 65_536
_KEYS = {"viewers": Role.VIEWER, "operators": Role.OPERATOR, "admins": Role.ADMIN}


@dataclass(frozen=True, slots=True)
class UnixGroup:
    """A group of this host."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class SharedRoles:
    """The groups of each role of a shared home, and the number of the user who owns it."""

    owner: int
    groups: Mapping[Role, tuple[UnixGroup, ...]]

    def role_of(self, user: int) -> Role:
        """The highest role of the user with that number, by the group database as it is now. Blocking."""
        if user in (self.owner, 0):
            return Role.ADMIN
        held = _group_numbers(user)
        roles = (role for role, groups in self.groups.items() for each in groups if each.number in held and _is(each))
        return max(roles, default=Role.NONE)


@dataclass(frozen=True, slots=True)
class Standing:
    """How this process stands to a home: its role, why not a higher one (empty for an admin), and whether deeds that
    reach machines go to the home's service, which has the keys.
    """

    role: Role
    reason: str = ""
    is_served: bool = False


def find_shared_roles(home: Home) -> SharedRoles | None:
    """The roles of ``home``; None where it is not shared.

    Raises:
        HomeUnusable: the file of roles cannot be read, or others could have written it.
    """
    path = home.roles_file
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HomeUnusable(f"Cannot read {path}: {error.strerror}. Nobody has a role.") from error
    try:
        owner, found = home.path.stat().st_uid, os.fstat(descriptor)
        is_safe = stat.S_ISREG(found.st_mode) and found.st_uid in (owner, 0) and not found.st_mode & 0o022
        if not is_safe:
            raise HomeUnusable(
                f"{path} could have been written by others than the owner of the home: nobody has a role. Mend it with "
                f"`patchdeck home share`, as {user_name(owner)} or root."
            )
        return SharedRoles(owner, _read(path, os.read(descriptor, _MOST_BYTES + 1)))
    finally:
        os.close(descriptor)


def standing_of(home: Home) -> Standing:
    """How this process stands to ``home``.

    Raises:
        HomeUnusable: see `find_shared_roles`.
    """
    closed = refusal(home.path)
    if (login := acting_login()) is not None:
        # What outlasts the session is done by the service: assessments and runs go on when a line is cut.
        reason = f"the key that {login.user} came with makes them its {login.role.word}"
        return Standing(login.role, reason, is_served=login.role >= Role.OPERATOR)
    if is_read_only_asked(home.path):
        return Standing(Role.VIEWER, closed or "")
    if os.geteuid() == home.path.stat().st_uid or (shared := find_shared_roles(home)) is None:
        return Standing(Role.ADMIN) if closed is None else Standing(Role.VIEWER, closed)
    if closed is None:
        return Standing(Role.ADMIN, is_served=True)
    # Whatever the group database says: whoever cannot write the files is no admin.
    role = max(Role.VIEWER, min(Role.OPERATOR, shared.role_of(os.geteuid())))
    return Standing(role, f"you are its {role.word}, the home {home.path} is shared", is_served=role is Role.OPERATOR)


def require_service_user(home: Home) -> None:
    """Let pass whoever may be the service of ``home``: its owner, where it is shared.

    Raises:
        NotPermitted: another has to be.
    """
    shared = find_shared_roles(home)
    if shared is not None and os.geteuid() != shared.owner:
        name = user_name(shared.owner)
        raise NotPermitted(
            f"The home {home.path} is shared: only {name}, its owner, works for it. As {name}, or by systemd: "
            f"patchdeck --home {home.path} service start"
        )


def user_name(number: int) -> str:
    """The name of the user with that number; the number where there is none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def write_roles(groups: Mapping[Role, tuple[UnixGroup, ...]]) -> str:
    """The text of the file of roles."""
    lines = ["# Written by `patchdeck home share`: groups with their numbers. Counts while it is the home's owner's."]
    for key, role in _KEYS.items():
        lines.append(f"{key} = {json.dumps([f'{each.name}:{each.number}' for each in groups.get(role, ())])}")
    return "\n".join(lines) + "\n"


def _read(path: Path, content: bytes) -> Mapping[Role, tuple[UnixGroup, ...]]:
    if len(content) > _MOST_BYTES:
        raise HomeUnusable(f"Cannot read {path}: it is too large. Nobody has a role.")
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except ValueError as error:
        raise HomeUnusable(f"Cannot read {path}: {error}. Nobody has a role.") from error
    if unknown := sorted(document.keys() - _KEYS.keys()):
        raise HomeUnusable(f"Cannot read {path}: there is no role {unknown[0]!r}. Nobody has a role.")
    try:
        return {role: tuple(_group(text) for text in document.get(key, [])) for key, role in _KEYS.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise HomeUnusable(f"Cannot read {path}: {error}. Nobody has a role.") from error


def _group(text: str) -> UnixGroup:
    name, _, number = text.rpartition(":")
    return UnixGroup(name, int(number))


def _group_numbers(user: int) -> frozenset[int]:
    try:
        found = pwd.getpwuid(user)
    except KeyError:
        return frozenset()
    return frozenset(os.getgrouplist(found.pw_name, found.pw_gid))


def _is(group: UnixGroup) -> bool:
    try:
        return grp.getgrgid(group.number).gr_name == group.name
    except KeyError:
        return False
