"""Who is behind a process: its user, the login that it comes from, its terminal, and the address of the SSH client.

What the kernel says goes first: the login's number of the audit subsystem (proc(5), /proc/PID/loginuid), then the users
of the processes that it descends from. An environment is believed only of root, who could forge anything.
"""

import os
import pwd
import socket
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fleet.audit_origin import Origin

_PROC = Path("/proc")
# proc(5): (uid_t) -1, no login.
_NO_LOGIN = 2**32 - 1
# Users that a user namespace does not know all have this number: user_namespaces(7).
_OVERFLOW = 65_534
_MOST_ANCESTORS = 64
_MOST_ENVIRONMENT_BYTES = 1024 * 1024
# Linux, admin-guide/devices: 136 to 143 are the slaves of Unix98 pseudo-terminals, 4 consoles and serial lines.
_FIRST_PSEUDO, _LAST_PSEUDO, _CONSOLES = 136, 143, 4
_MINORS = 256
_FIRST_SERIAL = 64


@dataclass(frozen=True, slots=True)
class _Process:
    """A process as /proc tells it; ``uid`` is its real user."""

    pid: int
    parent: int
    uid: int
    terminal: str


def current_origin() -> Origin:
    """Where what this process does comes from."""
    return origin_of(os.getpid(), os.geteuid(), os.environ)


def origin_of(pid: int, uid: int, environment: Mapping[str, str] | None = None) -> Origin:
    """Where what the process ``pid`` of the user ``uid`` does comes from; ``environment`` is its own, where known."""
    process = _read_process(pid)
    known = _own_login if pid == os.getpid() else _login_of
    login = known(pid, uid, (environment or {}).get("SUDO_UID", ""))
    return Origin(uid, login, process.terminal if process else "", socket.gethostname(), pid)


def describe_user(origin: Origin) -> str:
    """The name of the user, and in brackets of the one who logged in, where that is another: ``root (alice)``."""
    user = _name_of(origin.uid) if origin.uid is not None else ""
    if origin.login_uid is None or origin.login_uid == origin.uid:
        return user
    return f"{user} ({_name_of(origin.login_uid)})"


def ssh_client_of(environment: Mapping[str, str]) -> str:
    """The SSH client's address, its port and ours, as in SSH_CLIENT; empty where no SSH session is told of.

    SSH_CONNECTION goes first: tmux renews it for those who attach, and not SSH_CLIENT. sudo drops both, so root looks
    into the processes that it comes from.
    """
    if found := _said_client(environment):
        return found
    if os.geteuid() != 0:
        return ""
    return _inherited_client(os.getpid())


@lru_cache(maxsize=8)
def _inherited_client(pid: int) -> str:
    return next((found for each in _ancestors(pid) if (found := _said_client(_read_environment(each.pid)))), "")


def _said_client(environment: Mapping[str, str]) -> str:
    # ssh(1): client address, client port, server address, server port.
    connection = environment.get("SSH_CONNECTION", "").split()
    if len(connection) == 4:
        return f"{connection[0]} {connection[1]} {connection[3]}"
    return environment.get("SSH_CLIENT", "")


# A process keeps its login, and a number of another process may be a third one's by now.
@lru_cache(maxsize=8)
def _own_login(pid: int, uid: int, sudo_uid: str) -> int | None:
    return _login_of(pid, uid, sudo_uid)


def _login_of(pid: int, uid: int, sudo_uid: str) -> int | None:
    if (login := _audit_login(pid)) is not None:
        return login
    people = [each.uid for each in _ancestors(pid) if each.uid not in (0, _OVERFLOW)]
    if people:
        return people[-1]  # the oldest: whom the system itself began a session for
    return int(sudo_uid) if uid == 0 and sudo_uid.isdecimal() and len(sudo_uid) <= 10 else None


def _audit_login(pid: int) -> int | None:
    with suppress(OSError, ValueError):
        login = int((_PROC / str(pid) / "loginuid").read_text("ascii"))
        return None if login == _NO_LOGIN else login
    return None


def _ancestors(pid: int) -> Iterator[_Process]:
    """The process and those that it comes from, as far as they can be seen."""
    for _ in range(_MOST_ANCESTORS):
        process = _read_process(pid)
        if process is None:
            return
        yield process
        pid = process.parent


def _read_process(pid: int) -> _Process | None:
    folder = _PROC / str(pid)
    try:
        # The name in brackets may hold anything, brackets too: proc(5).
        fields = (folder / "stat").read_bytes().rpartition(b")")[2].split()
        uid = next(
            int(line.split()[1]) for line in (folder / "status").read_bytes().splitlines() if line.startswith(b"Uid:")
        )
        return _Process(pid, int(fields[1]), uid, _terminal(int(fields[4])))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _terminal(device: int) -> str:
    major, minor = os.major(device), os.minor(device)
    if _FIRST_PSEUDO <= major <= _LAST_PSEUDO:
        return f"pts/{minor + (major - _FIRST_PSEUDO) * _MINORS}"
    if major == _CONSOLES and minor:
        return f"tty{minor}" if minor < _FIRST_SERIAL else f"ttyS{minor - _FIRST_SERIAL}"
    return ""


def _read_environment(pid: int) -> Mapping[str, str]:
    try:
        with (_PROC / str(pid) / "environ").open("rb") as file:
            held = file.read(_MOST_ENVIRONMENT_BYTES).split(b"\0")
    except OSError:
        return {}
    pairs = (each.decode("utf-8", "replace").partition("=") for each in held)
    return {name: value for name, _, value in pairs}


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)
