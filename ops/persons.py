"""Who stands behind a process: by the kernel's word first, and by what can only add to it.

A person is all users that they are known to have been on the way: the real user of the process, the user of its login
(pam_loginuid sets it once, sudo and su leave it), the users of the processes that started it, and whom sudo, doas and
pkexec name. What the environment says is not believed but added: who pretends to be another is both, and neither can
approve what the other did.
"""

import os
import pwd
import re
from collections.abc import Iterator
from pathlib import Path

from fleet.persons import Person
from ops.roles import user_name

# What the kernel says where nobody has logged in: (uid_t) -1.
_NO_LOGIN = 4_294_967_295
# Users that a user namespace does not know have this number, all of them: proc(5), overflowuid.
_OVERFLOW = 65_534
_MOST_PARENTS = 64
_UIDS = re.compile(r"^Uid:\s+(\d+)", re.MULTILINE)
_PARENT = re.compile(r"^PPid:\s+(\d+)", re.MULTILINE)
_PROC = Path("/proc")


def current_person() -> Person:
    """Who runs this process."""
    return _person({os.getuid(), *_named_by_environment(), *_numbers_of_process(os.getpid())})


def person_of_peer(pid: int, user: int) -> Person:
    """Who is at the other end of a socket, where the kernel says that it is process ``pid`` of ``user``."""
    return _person({user, *_numbers_of_process(pid)})


def person_called(name: str) -> Person:
    """The user called ``name``, as the audit writes it (``root (anna)``); nobody where there is none."""
    called = re.fullmatch(r".*\((.*)\)", name)
    try:
        return Person((pwd.getpwnam(called[1] if called else name).pw_uid,), name)
    except KeyError:
        return Person((), name)


def _person(numbers: set[int]) -> Person:
    known = sorted(number for number in numbers if number not in (0, _NO_LOGIN)) or [0]
    return Person(tuple(known), ", ".join(user_name(number) for number in known))


def _named_by_environment() -> Iterator[int]:
    for name in ("SUDO_UID", "PKEXEC_UID"):
        if (text := os.environ.get(name, "")).isdecimal() and len(text) <= 10:
            yield int(text)
    if doas := os.environ.get("DOAS_USER", ""):
        yield from person_called(doas).numbers


def _numbers_of_process(pid: int) -> Iterator[int]:
    """The users of the login of ``pid`` and of its parents, as far as they may be seen."""
    try:
        login = int((_PROC / str(pid) / "loginuid").read_text("ascii"))
    except (OSError, ValueError):
        login = _NO_LOGIN
    yield from (number for number in (login,) if number != _OVERFLOW)
    for _ in range(_MOST_PARENTS):
        try:
            status = (_PROC / str(pid) / "status").read_text("utf-8", "replace")
        except OSError:
            return
        user, parent = _UIDS.search(status), _PARENT.search(status)
        if user is None or parent is None:
            return
        if int(user[1]) != _OVERFLOW:
            yield int(user[1])
        if (pid := int(parent[1])) <= 1:
            return
