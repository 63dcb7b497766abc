"""Who is behind a process: by what the kernel says of it, over trees of processes as they are in /proc."""

import os
import pty
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.audit_origin import Origin
from ops import processes
from ops.audit import origins

NO_LOGIN = 2**32 - 1
Tree = Callable[..., None]


@pytest.fixture
def process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """Adds a process to a /proc of this test."""
    monkeypatch.setattr(processes, "_PROC", tmp_path)

    def add(pid: int, parent: int, uid: int, login: int | None = NO_LOGIN, tty: int = 0, environment: str = "") -> None:
        folder = tmp_path / str(pid)
        folder.mkdir()
        (folder / "stat").write_text(f"{pid} (a) b) R {parent} 1 1 {tty} -1 0")
        (folder / "status").write_text(f"Name:\tx\nUid:\t{uid}\t0\t0\t0\nGid:\t0\t0\t0\t0\n")
        (folder / "environ").write_text(environment.replace(" ", "\0"))
        if login is not None:
            (folder / "loginuid").write_text(str(login))

    return add


def test_the_login_of_the_audit_subsystem_goes_first(process: Tree) -> None:
    """It stays whatever user somebody becomes."""
    process(10, 1, 0, login=1000, tty=os.makedev(136, 3))
    assert origins.origin_of(10, 0, {"SUDO_UID": "2000"}) == Origin(0, 1000, "pts/3", os.uname().nodename, 10)


def test_without_it_the_oldest_user_of_the_processes_before_counts(process: Tree) -> None:
    """sshd of root, a shell of alice, sudo of root, a shell of bob, this: it was alice."""
    for pid, parent, uid in ((2, 1, 0), (3, 2, 1000), (4, 3, 0), (5, 4, 1001)):
        process(pid, parent, uid, login=None)
    assert origins.origin_of(5, 1001).login_uid == 1000


def test_users_unknown_to_a_namespace_do_not_count(process: Tree) -> None:
    """They all have one number, that of nobody."""
    process(3, 1, 65534)
    process(4, 3, 0)
    assert origins.origin_of(4, 0).login_uid is None


def test_sudo_is_believed_of_root_alone(process: Tree) -> None:
    """Anybody can set a variable; root need not."""
    process(7, 1, 0)
    process(8, 1, 65534)
    assert origins.origin_of(7, 0, {"SUDO_UID": "1000"}).real_uid == 1000
    assert origins.origin_of(7, 0, {"SUDO_UID": "evil"}).login_uid is None
    assert origins.origin_of(8, 1001, {"SUDO_UID": "1000"}).real_uid == 1001


@pytest.mark.usefixtures("process")
def test_a_process_that_is_gone_has_no_more_than_its_user() -> None:
    """The asker of a socket may have ended by the time it is looked at."""
    assert origins.origin_of(99, 1001) == Origin(1001, None, "", os.uname().nodename, 99)


def test_users_are_named_with_who_logged_in() -> None:
    """Those without a name by their number."""
    daemon = pwd.getpwnam("daemon").pw_uid
    assert origins.describe_user(Origin(0, daemon)) == "root (daemon)"
    assert origins.describe_user(Origin(0, 0)) == "root"
    assert origins.describe_user(Origin(0, None)) == "root"
    assert origins.describe_user(Origin(4_000_000, 0)) == "4000000 (root)"


def test_the_ssh_client_is_who_attached_last() -> None:
    """tmux renews SSH_CONNECTION and leaves SSH_CLIENT as it was."""
    old, new = "10.0.0.1 1000 22", "10.0.0.2 2000 10.9.9.9 22"
    assert origins.ssh_client_of({"SSH_CLIENT": old}) == old
    assert origins.ssh_client_of({"SSH_CLIENT": old, "SSH_CONNECTION": new}) == "10.0.0.2 2000 22"


def test_root_finds_the_ssh_client_that_sudo_dropped(process: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the processes that it comes from."""
    process(20, 1, 1000, environment="A=b SSH_CLIENT=10.0.0.3_3_22")
    process(21, 20, 0)
    monkeypatch.setattr(os, "getpid", lambda: 21)
    origins._inherited_client.cache_clear()
    assert origins.ssh_client_of({}) == ("10.0.0.3_3_22" if os.geteuid() == 0 else "")
    origins._inherited_client.cache_clear()


@pytest.mark.parametrize(
    ("major", "minor", "name"), [(136, 0, "pts/0"), (137, 1, "pts/257"), (4, 1, "tty1"), (4, 65, "ttyS1"), (5, 0, "")]
)
def test_terminals_have_their_names(process: Tree, major: int, minor: int, name: str) -> None:
    """By the numbers that Linux gives them."""
    process(5, 1, 0, tty=os.makedev(major, minor))
    assert origins.origin_of(5, 0).terminal == name


def test_a_real_process_on_a_real_terminal_is_told() -> None:
    """The kernel's own words are read as they are."""
    program = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
        "from ops.audit.origins import current_origin as now\n"
        "print(now().terminal == os.ttyname(0).removeprefix('/dev/'), now().uid == os.geteuid())"
    )
    controller, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-c", program],
        stdin=terminal,
        capture_output=True,
        text=True,
        start_new_session=True,
        timeout=60,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    os.close(controller)
    os.close(terminal)
    assert (done.stdout.strip(), done.stderr) == ("True True", "")
