"""Whether the groups of a shared home can reach it, and nobody else: the folders above it, and what its files say."""

import grp
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from fleet.roles import Role
from ops.acl import ENTER, Tag, read_acl
from ops.home import Home
from ops.roles import SharedRoles, UnixGroup, find_shared_roles, user_name

Groups = Mapping[Role, tuple[UnixGroup, ...]]


def describe_reach(home: Home) -> tuple[str, ...]:
    """What keeps the groups of a shared home from it, or lets others in, a line each; nothing where all is well."""
    shared = find_shared_roles(home)
    if shared is None and read_acl(str(home.path)):
        return ("It has access control lists all the same: to share it, or to end that, was broken off. Do it again.",)
    if shared is None:
        return ()
    return tuple(describe_way(home, shared.groups)) + tuple(_drift(home, shared))


def describe_way(home: Home, groups: Groups) -> Iterator[str]:
    """Folders above the home that keep members out, or in which others could put another home in its place."""
    numbers, own = [each.number for found in groups.values() for each in found], home.path.stat()
    for folder in home.path.resolve().parents:
        found = folder.stat()
        if not found.st_mode & stat.S_IXOTH and not _lets_in(folder, found, numbers):
            yield f"Members may not be able to enter {folder}: its mode is {stat.S_IMODE(found.st_mode):04o}."
        if (who := _could_exchange(found, own)) is not None:
            yield f"{who} can write in {folder}, and put another folder in the place of the home: close it."


def _could_exchange(folder: os.stat_result, home: os.stat_result) -> str | None:
    """Who beside the owner of ``home`` and root can rename what is in ``folder``. A sticky one lets only owners."""
    if folder.st_uid not in (home.st_uid, 0):
        return user_name(folder.st_uid)
    if folder.st_mode & stat.S_ISVTX:
        return None
    if folder.st_mode & stat.S_IWOTH:
        return "Anybody"
    is_groups = folder.st_mode & stat.S_IWGRP and folder.st_gid not in (0, home.st_gid)
    return f"The group of number {folder.st_gid}" if is_groups else None


def _lets_in(folder: Path, found: os.stat_result, numbers: Sequence[int]) -> bool:
    listed = {each.number for each in read_acl(str(folder)) if each.tag is Tag.GROUP and each.permissions & ENTER}
    return all(number in listed or (number == found.st_gid and found.st_mode & stat.S_IXGRP) for number in numbers)


def _drift(home: Home, shared: SharedRoles) -> Iterator[str]:
    """Where the files do not say what the roles say."""
    found, acl = home.path.stat(), read_acl(str(home.path))
    if not acl and found.st_mode & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        yield (
            f"The access control lists are gone, as after a copy without them. The mode {mode} lets the group of "
            f"number {found.st_gid} in, which has no role: share the home again at once."
        )
    readable = {each.number for each in acl if each.tag is Tag.GROUP}
    for role, groups in shared.groups.items():
        for each in groups:
            if each.number not in readable:
                yield f"The group {each.name} is of {role.word}s, but cannot read the home: share it again."
            try:
                is_same = grp.getgrgid(each.number).gr_name == each.name
            except KeyError:
                is_same = False
            if not is_same:
                yield f"The group {each.name} is not on this host any more, or has another number: it gives no role."
    if home.secrets_dir.exists() and stat.S_IMODE(home.secrets_dir.stat().st_mode) & 0o077:
        yield f"Others may enter {home.secrets_dir}: share the home again."
