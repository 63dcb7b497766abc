"""What the kernel keeps a session from that is no admin's, whatever its process is made to do: Landlock, landlock(7).

It begins no program, writes no file but in a folder of its own, connects nowhere by TCP where the tables are on disk,
and sends no signal out of itself. It could read what the owner of the home can: that it shows nothing of that is
Patchdeck's own doing.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

# include/uapi/linux/landlock.h; the numbers of the calls are the same on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1
_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS
_EXECUTE, _WRITE_FILE = 1 << 0, 1 << 1
_READING = 1 << 2 | 1 << 3
_FIRST_RIGHTS = (1 << 13) - 1
_REFER, _TRUNCATE = 1 << 13, 1 << 14
_TCP = 1 << 0 | 1 << 1  # to listen, to connect
_SCOPED = 1 << 0 | 1 << 1  # abstract sockets and signals
# Where each came with a version of its own.
_REFER_SINCE, _TRUNCATE_SINCE, _NETWORK_SINCE, _SCOPED_SINCE = 2, 3, 4, 6


def version() -> int:
    """The version of Landlock of this kernel; 0 where it has none, or it is switched off."""
    return max(0, _call(_CREATE_RULESET, None, 0, _ASK_VERSION))


def confine(folders: Iterable[Path], files: Iterable[Path], *, has_network: bool) -> bool:
    """From now on this process, and what it begins, writes below ``folders`` and to ``files`` only, and runs nothing;
    unless it ``has_network`` it neither connects nor listens by TCP.

    What is open stays open. Whether the kernel can; one thread must be all that there is.

    Raises:
        OSError: it can, and did not.
    """
    known = version()
    if not known:
        return False
    changing = _FIRST_RIGHTS & ~_READING
    changing |= _REFER if known >= _REFER_SINCE else 0
    changing |= _TRUNCATE if known >= _TRUNCATE_SINCE else 0
    rules = _checked(_call(_CREATE_RULESET, *_attributes(known, changing, 0 if has_network else _TCP), 0))
    try:
        for folder in folders:
            _allow(rules, folder, changing & ~_EXECUTE)
        for file in files:
            with suppress(FileNotFoundError):
                _allow(rules, file, changing & (_WRITE_FILE | _TRUNCATE))
        _checked(_libc().prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _checked(_call(_RESTRICT_SELF, rules, 0))
    finally:
        os.close(rules)
    return True


def _attributes(known: int, changing: int, network: int) -> tuple[bytes, int]:
    """landlock_ruleset_attr as long as this version has it: files, network, scopes."""
    packed = struct.pack("=QQQ", changing, network, _SCOPED if known >= _SCOPED_SINCE else 0)
    size = 24 if known >= _SCOPED_SINCE else 16 if known >= _NETWORK_SINCE else 8
    return packed[:size], size


def _allow(rules: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        _checked(_call(_ADD_RULE, rules, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0))
    finally:
        os.close(opened)


def _call(number: int, *arguments: bytes | int | None) -> int:
    return int(_libc().syscall(ctypes.c_long(number), *arguments))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
