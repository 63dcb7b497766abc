"""Processes as the kernel tells of them: their users, the logins that they come from, and what began them."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
# proc(5): (uid_t) -1, no login.
NO_LOGIN = 2**32 - 1
# Users that a user namespace does not know all have this number: user_namespaces(7).
OVERFLOW = 65_534
_MOST_ANCESTORS = 64
_MOST_ENVIRONMENT_BYTES = 1024 * 1024
# Linux, admin-guide/devices: 136 to 143 are the slaves of Unix98 pseudo-terminals, 4 consoles and serial lines.
_FIRST_PSEUDO, _LAST_PSEUDO, _CONSOLES = 136, 143, 4
_MINORS = 256
_FIRST_SERIAL = 64


@dataclass(frozen=True, slots=True)
class Process:
    """A process as /proc tells it; ``uid`` is its real user."""

    pid: int
    parent: int
    uid: int
    terminal: str


def read_process(pid: int) -> Process | None:
    """The process with that number; None where it is gone, or not to be seen."""
    folder = _PROC / str(pid)
    try:
        # The name in brackets may hold anything, brackets too: proc(5).
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        uid = next(
            int(line.split()[1]) for line in (folder / "status").read_bytes().splitlines() if line.startswith(b"Uid:")
        )
        return Process(pid, int(fields[1]), uid, _terminal(int(fields[4])))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def ancestors(pid: int) -> Iterator[Process]:
    """The process and those that it comes from, as far as they can be seen."""
    for _ in range(_MOST_ANCESTORS):
        process = read_process(pid)
        if process is None:
            return
        yield process
        pid = process.parent


def login_of(pid: int) -> int | None:
    """Who logged in, by the audit subsystem, whatever user they became since; None where nobody is known to have."""
    with suppress(OSError, ValueError):
        login = int((_PROC / str(pid) / "loginuid").read_text("ascii"))
        return None if login in (NO_LOGIN, OVERFLOW) else login
    return None


def environment_of(pid: int) -> Mapping[str, str]:
    """The environment that the process began with; none where it is not to be seen."""
    try:
        with (_PROC / str(pid) / "environ").open("rb") as file:
            held = file.read(_MOST_ENVIRONMENT_BYTES).split(b"\0")
    except OSError:
        return {}
    pairs = (each.decode("utf-8", "replace").partition("=") for each in held)
    return {name: value for name, _, value in pairs}


def mapped_users() -> Mapping[range, int] | None:
    """In a user namespace, of which anybody can make one: its ranges of numbers, and which number of the namespace
    around it the first of each is. None where all numbers are what they are outside.
    """
    with suppress(OSError, ValueError):
        lines = (_PROC / "self" / "uid_map").read_text("ascii").splitlines()
        rows = [[int(word) for word in line.split()] for line in lines]
        if rows != [[0, 0, NO_LOGIN]]:
            return {range(inside, inside + count): outside for inside, outside, count in rows}
    return None


def _terminal(device: int) -> str:
    major, minor = os.major(device), os.minor(device)
    if _FIRST_PSEUDO <= major <= _LAST_PSEUDO:
        return f"pts/{minor + (major - _FIRST_PSEUDO) * _MINORS}"
    if major == _CONSOLES and minor:
        return f"tty{minor}" if minor < _FIRST_SERIAL else f"ttyS{minor - _FIRST_SERIAL}"
    return ""
