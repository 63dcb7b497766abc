"""Who is behind a process: its user, the login that it comes from, its terminal, and the address of the SSH client.

What the kernel says goes first: the login's number of the audit subsystem (proc(5), /proc/PID/loginuid), then the users
of the processes that it descends from. An environment is believed only of root, who could forge anything.
"""

import os
import pwd
import socket
from collections.abc import Mapping
from functools import lru_cache

from fleet.audit_origin import Origin
from fleet.ssh_logins import SIGN
from ops.acting_login import acting_login
from ops.processes import OVERFLOW, ancestors, environment_of, login_of, read_process


def current_origin() -> Origin:
    """Where what this process does comes from."""
    return origin_of(os.getpid(), os.geteuid(), os.environ)


def origin_of(pid: int, uid: int, environment: Mapping[str, str] | None = None) -> Origin:
    """Where what the process ``pid`` of the user ``uid`` does comes from; ``environment`` is its own, where known."""
    process = read_process(pid)
    terminal = process.terminal if process else ""
    if pid == os.getpid() and (served := acting_login()) is not None:
        return Origin(uid, None, terminal, socket.gethostname(), pid, served.name)
    known = _own_login if pid == os.getpid() else _login_of
    login = known(pid, uid, (environment or {}).get("SUDO_UID", ""))
    return Origin(uid, login, terminal, socket.gethostname(), pid)


def describe_user(origin: Origin) -> str:
    """The name of the user, and in brackets of the one who logged in, where that is another: ``root (alice)``.

    Of a session of `patchdeck serve-ssh` the name of the key's owner: ``ssh:anna``.
    """
    if origin.login:
        return f"{SIGN}{origin.login}"
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
    return next((found for each in ancestors(pid) if (found := _said_client(environment_of(each.pid)))), "")


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
    if (login := login_of(pid)) is not None:
        return login
    people = [each.uid for each in ancestors(pid) if each.uid not in (0, OVERFLOW)]
    if people:
        return people[-1]  # the oldest: whom the system itself began a session for
    return int(sudo_uid) if uid == 0 and sudo_uid.isdecimal() and len(sudo_uid) <= 10 else None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return str(uid)
