"""Sharing a home with Unix groups: the access control lists of all that is in it, and of what will be.

Whoever runs this may be root, and others may write in the home meanwhile: every file is opened first, without following
links, and changed by its descriptor; what is no plain file or folder of this file system, or has a second name
somewhere, is left alone.
"""

import grp
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import BadInput, HomeUnusable, NotPermitted, UnknownName
from fleet.roles import Role
from ops.acl import ENTER, READ, WRITE, Entry, Tag, clear_acl, read_acl, set_acl, whole_acl
from ops.home import Home
from ops.permission import require_writable
from ops.roles import UnixGroup, find_shared_roles, user_name, write_roles
from ops.sharing_reach import Groups, describe_way
from ops.state.audit import Audit
from ops.state.database import opened, transaction

_PRIVATE = frozenset({"secrets", "serve-ssh"})
# Each file in it is its writer's own.
_PERSONAL = frozenset({"asked"})
_LOCKS = frozenset({"store.lock", "service.lock"})
# They have lists of their own: the service makes the one, `_write_roles` the other.
_APART = frozenset({"service.sock", "roles.toml"})
_ALL = READ | WRITE | ENTER


@dataclass(frozen=True, slots=True)
class Shared:
    """What came of sharing: files that were changed, those that could not be and why, and what is to be said."""

    files: int
    left: tuple[str, ...]
    notes: tuple[str, ...]


def find_groups(names: Sequence[str]) -> tuple[UnixGroup, ...]:
    """The groups of this host called ``names``, each once.

    Raises:
        UnknownName: there is none of that name.
        BadInput: it is root's.
    """
    found = []
    for name in dict.fromkeys(names):
        try:
            known = grp.getgrnam(name)
        except KeyError as error:
            raise UnknownName("group of this host", name, [each.gr_name for each in grp.getgrall()]) from error
        if known.gr_gid == 0:
            raise BadInput("The group root is not for sharing: root may do everything anyway.")
        found.append(UnixGroup(known.gr_name, known.gr_gid))
    return tuple(found)


def share_home(home: Home, groups: Groups) -> Shared:
    """Give ``groups`` their roles in ``home``; whoever had one and is not named has none any more. Blocking.

    Raises:
        NotPermitted: this user is neither the owner nor root.
        HomeUnusable: the file system keeps no access control lists, or something stands in the way.
    """
    owner = _require_owner(home)
    try:
        _make_locks(home)
        with opened(home.state_file):
            files, left = _walk(home, owner, groups)
        with _audited(home, "home.share", groups):
            _write_roles(home, owner, groups)
    except OSError as error:
        what = error.filename2 or error.filename or home.path
        raise HomeUnusable(f"Cannot share {home.path}: {what}: {error.strerror}.") from error
    return Shared(files, left, tuple(describe_way(home, groups)))


def unshare_home(home: Home) -> Shared:
    """Take every role away: the home is its owner's alone again. Blocking.

    Raises:
        NotPermitted: this user is neither the owner nor root.
        HomeUnusable: something stands in the way.
    """
    owner = _require_owner(home)
    try:
        with _audited(home, "home.unshare", {}):
            home.roles_file.unlink(missing_ok=True)
            home.service_socket.unlink(missing_ok=True)
    except OSError as error:
        raise HomeUnusable(f"Cannot unshare {home.path}: {error.filename}: {error.strerror}.") from error
    files, left = _walk(home, owner, None)
    return Shared(files, left, ())


def _require_owner(home: Home) -> int:
    require_writable(home.path, "share it")
    owner = home.path.stat().st_uid
    if os.geteuid() not in (owner, 0):
        name = user_name(owner)
        raise NotPermitted(f"Only {name}, the owner of {home.path}, or root shares it. Nothing was changed.")
    return owner


@contextmanager
def _audited(home: Home, action: str, after: Groups) -> Iterator[None]:
    """What is done inside is written down with it. The service looks when that is, and finds the roles in place."""
    known: Groups = {}
    with suppress(HomeUnusable):  # what others wrote is not believed, and put right
        before = find_shared_roles(home)
        known = {} if before is None else before.groups
    with opened(home.state_file) as connection, transaction(connection):
        Audit(connection).record(action, str(home.path), _names(known), _names(after))
        yield


def _names(groups: Groups) -> str:
    return json.dumps({role.word: [each.name for each in found] for role, found in groups.items() if found})


def _make_locks(home: Home) -> None:
    """Locks have lists of their own, which they keep: so they are there before anybody takes one."""
    for name in sorted(_LOCKS):
        os.close(os.open(home.path / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))


def _walk(home: Home, owner: int, groups: Groups | None) -> tuple[int, tuple[str, ...]]:
    """How many files and folders have the right access now, and those that do not, with the reason.

    Without ``groups`` it is the owner's alone.
    """
    device = home.path.stat().st_dev
    changed, left = 0, []
    for folder, names, descriptor in _folders(home.path):
        for name in ["", *names]:
            path = folder / name
            try:
                with _held(descriptor, name) as held:
                    _check_plain(held, device)
                    _change(held, _kind(home, path, held), owner, groups)
                changed += 1
            except FileNotFoundError:
                continue  # it was somebody's for a moment
            except OSError as error:
                if path == home.path:
                    raise HomeUnusable(f"Cannot share {home.path}: {error.strerror or error}.") from error
                left.append(f"{path}: {error.strerror or error}")
    return changed, tuple(left)


def _folders(top: Path) -> Iterator[tuple[Path, list[str], int]]:
    """Every folder from ``top`` down with the names of the files in it and a descriptor; links are not followed."""
    for folder, _, names, descriptor in os.fwalk(top, follow_symlinks=False):
        yield Path(folder), sorted(set(names) - _APART), descriptor


@contextmanager
def _held(folder: int, name: str) -> Iterator[int]:
    if not name:
        yield folder
        return
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(name, flags, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _check_plain(descriptor: int, device: int) -> None:
    found = os.fstat(descriptor)
    if stat.S_ISDIR(found.st_mode) and found.st_dev == device:
        return
    if not stat.S_ISREG(found.st_mode):
        raise OSError(0, "is no plain file")
    if found.st_nlink != 1 or found.st_dev != device:
        raise OSError(0, "has another name somewhere, or lies on another file system")


def _kind(home: Home, path: Path, descriptor: int) -> str:
    parts = path.relative_to(home.path).parts
    is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
    if parts and parts[0] in _PRIVATE:
        return "private folder" if is_folder else "private file"
    if parts and parts[0] in _PERSONAL and not is_folder:
        return "private file"
    if len(parts) == 1 and parts[0] in _LOCKS:
        return "lock"
    return "folder" if is_folder else "file"


def _change(descriptor: int, kind: str, owner: int, groups: Groups | None) -> None:
    is_folder = kind.endswith("folder")
    if groups is None or kind.startswith("private"):
        _close_to_others(descriptor, 0o700 if is_folder else 0o600)
        return
    look = READ | ENTER if is_folder else READ
    everything = _ALL if is_folder else READ | WRITE
    entries = [Entry(Tag.USER, owner, everything)]
    for role, found in groups.items():
        if role is Role.ADMIN:
            entries += [Entry(Tag.GROUP, each.number, everything) for each in found]
        elif kind != "lock":
            entries += [Entry(Tag.GROUP, each.number, look) for each in found]
    acl = whole_acl(_strongest(entries), everything)
    for is_default in (False, True) if is_folder else (False,):
        _give(descriptor, acl, is_default=is_default)


def _give(descriptor: int, acl: tuple[Entry, ...], *, is_default: bool) -> None:
    before = read_acl(descriptor, default=is_default)
    if before == acl:
        return
    try:
        set_acl(descriptor, acl, default=is_default)
    except PermissionError:  # an admin made it: only they or root change it
        if not _is_enough(_effective(before), _effective(acl)):
            raise


def _is_enough(found: Mapping[tuple[Tag, int | None], int], wanted: Mapping[tuple[Tag, int | None], int]) -> bool:
    """Whether all may read that are to, and nobody may more. The store replaces files of tables, and writes in none."""
    return found.keys() == wanted.keys() and all(
        found[key] & ~wanted[key] == 0 and found[key] & READ == wanted[key] & READ for key in wanted
    )


def _effective(acl: Sequence[Entry]) -> dict[tuple[Tag, int | None], int]:
    """What each entry gives, which is what the mask lets through."""
    mask = next((each.permissions for each in acl if each.tag is Tag.MASK), _ALL)
    unmasked = (Tag.OWNER, Tag.OTHERS)
    return {
        (each.tag, each.number): each.permissions if each.tag in unmasked else each.permissions & mask
        for each in acl
        if each.tag is not Tag.MASK
    }


def _close_to_others(descriptor: int, mode: int) -> None:
    lists = (
        read_acl(descriptor),
        read_acl(descriptor, default=True) if stat.S_ISDIR(os.fstat(descriptor).st_mode) else (),
    )
    if any(lists) or stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
        clear_acl(descriptor)
        os.fchmod(descriptor, mode)


def _strongest(entries: Sequence[Entry]) -> list[Entry]:
    """Each user and group once, with all that it is given: a group may have two roles."""
    given: dict[tuple[Tag, int | None], int] = {}
    for each in entries:
        key = (each.tag, each.number)
        given[key] = given.get(key, 0) | each.permissions
    return [Entry(tag, number, permissions) for (tag, number), permissions in given.items()]


def _write_roles(home: Home, owner: int, groups: Groups) -> None:
    """Last of all: until it is there, nobody has a role with the service. All of them read it, the owner writes it."""
    aside = home.path / f".roles.{os.getpid()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, flags, 0o600), "w", encoding="utf-8") as file:
        if os.geteuid() == 0:
            os.fchown(file.fileno(), owner, -1)
        readers = [Entry(Tag.GROUP, each.number, READ) for found in groups.values() for each in found]
        set_acl(file.fileno(), whole_acl(_strongest(readers), READ | WRITE))
        file.write(write_roles(groups))
        file.flush()
        os.fsync(file.fileno())
    aside.replace(home.roles_file)
