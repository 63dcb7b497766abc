"""Who stands behind a process: by the kernel's word first, and by what can only add to it.

A person is all users that they are known to have been on the way: the real user of the process, the user of its login
(pam_loginuid sets it once, sudo and su leave it), the users of the processes that started it, and whom sudo, doas and
pkexec name. What the environment says is not believed but added: who pretends to be another is both, and neither can
approve what the other did.
"""

import os
import pwd
import re
from collections.abc import Iterable, Iterator

from fleet.persons import Person
from fleet.ssh_logins import SIGN, login_number
from ops.acting_login import acting_login
from ops.processes import NO_LOGIN, OVERFLOW, ancestors, login_of, mapped_users
from ops.roles import user_name


def current_person() -> Person:
    """Who runs this process; of a session over SSH whom it serves."""
    if (login := acting_login()) is not None:
        return person_of_login(login.name)
    numbers = {os.getuid(), *_named_by_environment(), *_numbers_of_process(os.getpid())}
    return _person({*numbers, *_outside(numbers)})


def is_disguised() -> bool:
    """Whether this process has user numbers of a namespace's own: there anybody can be anybody.

    Whom a session over SSH serves, a key proved and no number.
    """
    return acting_login() is None and mapped_users() is not None


def person_of_peer(pid: int, user: int) -> Person:
    """Who is at the other end of a socket, where the kernel says that it is process ``pid`` of ``user``."""
    return _person({user, *_numbers_of_process(pid)})


def person_called(name: str) -> Person:
    """The user called ``name``, as the audit writes it (``root (anna)``); nobody where there is none."""
    if name.startswith(SIGN):
        return person_of_login(name.removeprefix(SIGN))
    called = re.fullmatch(r".*\((.*)\)", name)
    try:
        return Person((pwd.getpwnam(called[1] if called else name).pw_uid,), name)
    except KeyError:
        return Person((), name)


def person_of_login(name: str) -> Person:
    """Who logs in over SSH as ``name``: also the Unix user of that name, if this host has one, so that nobody has two
    voices by two ways in.
    """
    users = [user for user in person_called(name).numbers if user]
    return Person((login_number(name), *users), f"{SIGN}{name}")


def _person(numbers: set[int]) -> Person:
    known = sorted(number for number in numbers if 0 < number < NO_LOGIN) or [0]
    return Person(tuple(known), ", ".join(user_name(number) for number in known))


def _named_by_environment() -> Iterator[int]:
    for name in ("SUDO_UID", "PKEXEC_UID"):
        if (text := os.environ.get(name, "")).isdecimal() and len(text) <= 10:
            yield int(text)
    if doas := os.environ.get("DOAS_USER", ""):
        yield from person_called(doas).numbers


def _numbers_of_process(pid: int) -> Iterator[int]:
    """The users of the login of ``pid``, and of the process and those that it comes from."""
    yield login_of(pid) or 0
    yield from (each.uid for each in ancestors(pid) if each.uid != OVERFLOW)


def _outside(numbers: Iterable[int]) -> Iterator[int]:
    """Whom the namespace around ours knows ``numbers`` as."""
    for inside, outside in (mapped_users() or {}).items():
        yield from (outside + inside.index(number) for number in numbers if number in inside)
