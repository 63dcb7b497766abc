"""POSIX access control lists of files, as the kernel keeps them: an extended attribute, set on an open file.

The layout is an interface of the kernel (include/uapi/linux/posix_acl_xattr.h): a version, then entries of a tag,
permissions and the number of a user or group. acl(5) says what they mean; the mask limits all but owner and others.
"""

import errno
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from fleet.errors import HomeUnusable

READ, WRITE, ENTER = 4, 2, 1
_ACCESS = "system.posix_acl_access"
_DEFAULT = "system.posix_acl_default"
_HEADER = struct.Struct("<I")
_ENTRY = struct.Struct("<HHI")
_VERSION = 2
_NOBODY = 0xFFFFFFFF
# What a file system says that has none, or that has none of this name.
_ABSENT = (errno.ENODATA, errno.ENOTSUP)


class Tag(IntEnum):
    """Whom an entry is of; the kernel wants them in this order."""

    OWNER = 0x01
    USER = 0x02
    OWNING_GROUP = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHERS = 0x20


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Permissions of one user or group; ``number`` is None where the tag says it all."""

    tag: Tag
    number: int | None
    permissions: int


def whole_acl(entries: Iterable[Entry], owner: int) -> tuple[Entry, ...]:
    """``entries`` of named users and groups, with ``owner`` for the owner, nothing for the rest, and a mask."""
    named = sorted(entries)
    mask = 0
    for entry in named:
        mask |= entry.permissions
    fixed = [Entry(Tag.OWNER, None, owner), Entry(Tag.OWNING_GROUP, None, 0), Entry(Tag.OTHERS, None, 0)]
    return tuple(sorted([*named, *fixed, Entry(Tag.MASK, None, mask)], key=lambda each: (each.tag, each.number or 0)))


def set_acl(file: int | str, entries: Iterable[Entry], *, default: bool = False) -> None:
    """Give ``file``, an open one or a path that is no link, ``entries``; ``default``: for what is made in it later.

    Raises:
        OSError: the file belongs to somebody else, or the file system has no such lists.
    """
    packed = b"".join(
        _ENTRY.pack(each.tag, each.permissions, _NOBODY if each.number is None else each.number) for each in entries
    )
    name, value = _DEFAULT if default else _ACCESS, _HEADER.pack(_VERSION) + packed
    if isinstance(file, int):
        os.setxattr(file, name, value)
    else:
        os.setxattr(file, name, value, follow_symlinks=False)


def clear_acl(descriptor: int) -> None:
    """Take the lists of the open file away; its mode stays as its owner's and others' entries were.

    Raises:
        OSError: the file belongs to somebody else.
    """
    for name in (_ACCESS, _DEFAULT):
        try:
            os.removexattr(descriptor, name)
        except OSError as error:
            if error.errno not in _ABSENT:
                raise


def read_acl(file: int | str, *, default: bool = False) -> tuple[Entry, ...]:
    """The entries of ``file``, a descriptor or a path; none where it has only a mode.

    Raises:
        OSError: it cannot be read.
        HomeUnusable: the kernel keeps it in a form of which we do not know.
    """
    try:
        packed = os.getxattr(file, _DEFAULT if default else _ACCESS)
    except OSError as error:
        if error.errno in _ABSENT:
            return ()
        raise
    if _HEADER.unpack_from(packed)[0] != _VERSION:
        raise HomeUnusable(f"The access control list of {file} has an unknown version.")
    return tuple(
        Entry(Tag(tag), None if number == _NOBODY else number, permissions)
        for tag, permissions, number in _ENTRY.iter_unpack(packed[_HEADER.size :])
    )
