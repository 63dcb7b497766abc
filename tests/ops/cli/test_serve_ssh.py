"""`patchdeck serve-ssh` as people use it: the verbs, and OpenSSH's client against the real server."""

import json
import os
import pty
import select
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.exit_codes import ExitCode
from tests.ops.cli.conftest import Begin, Patchdeck

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ssh:
    """OpenSSH's client with the key of somebody who may log in."""

    port: int
    key: Path

    @property
    def command(self) -> list[str]:
        """Its command line, without what is to be run."""
        options = ["IdentitiesOnly=yes", "IdentityAgent=none", "StrictHostKeyChecking=no", "LogLevel=ERROR"]
        options += ["UserKnownHostsFile=/dev/null", "BatchMode=yes"]
        words = [word for each in options for word in ("-o", each)]
        return ["ssh", "-F", "none", "-p", str(self.port), "-i", str(self.key), *words, "127.0.0.1"]

    def open_app(self, text: bytes) -> tuple[int, int]:
        """The client on a terminal of its own, and that, once ``text`` is shown."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvpe("ssh", self.command, {**os.environ, "TERM": "xterm-256color"})
        seen = b""
        deadline = time.monotonic() + _SECONDS
        while text not in seen:
            assert select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0], seen[-500:]
            seen += os.read(terminal, 65_536)
        return pid, terminal


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A key pair of ssh-keygen."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("this machine has no OpenSSH client")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True)
    return tmp_path / "key"


def test_keys_are_added_listed_and_removed(patchdeck: Patchdeck, key: Path) -> None:
    """By a file, told with their fingerprints; what is no key or nobody's is refused."""
    patchdeck("serve-ssh", "keys", "add", "anna", f"{key}.pub", "--role", "operator")
    (listed,) = json.loads(patchdeck("serve-ssh", "keys", "list", "--json").out)
    told = subprocess.run(["ssh-keygen", "-lf", f"{key}.pub"], capture_output=True, text=True, check=True).stdout
    assert (listed["login"], listed["role"]) == ("anna", "operator")
    assert listed["fingerprint"] == told.split()[1]
    patchdeck("serve-ssh", "keys", "add", "anna", str(key), code=ExitCode.USAGE)
    patchdeck("serve-ssh", "keys", "add", "ben", f"{key}.pub", code=ExitCode.USAGE)
    patchdeck("serve-ssh", "keys", "remove", listed["fingerprint"])
    patchdeck("serve-ssh", "keys", "remove", "anna", code=ExitCode.USAGE)


def test_server_without_logins_does_not_begin(patchdeck: Patchdeck) -> None:
    """It says how to let somebody in; a place that is none is refused, too."""
    assert "keys add" in patchdeck("serve-ssh", code=ExitCode.USAGE).err


def test_unit_runs_the_server_as_the_owner_of_the_home(patchdeck: Patchdeck, home: Path) -> None:
    """Printed, not installed."""
    unit = patchdeck("serve-ssh", "unit").out
    assert f"User={home.owner()}" in unit
    assert f"--home {home} serve-ssh" in unit


@pytest.fixture
def ssh(patchdeck: Patchdeck, begin: Begin, home: Path, key: Path) -> Iterator[tuple[Ssh, "subprocess.Popen[str]"]]:
    """A server that listens, and the client of an admin."""
    patchdeck("machines", "add", "web-01", "--address", "127.0.0.1", "--port", "1")
    (home / "config.toml").write_text("[service]\nassess = false\n")
    patchdeck("serve-ssh", "keys", "add", "ada", f"{key}.pub", "--role", "admin")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = begin("serve-ssh", "--listen", f"127.0.0.1:{port}")
    assert server.stderr is not None
    assert "served on" in server.stderr.readline()
    yield Ssh(port, key), server
    server.terminate()
    server.wait(_SECONDS)
    patchdeck("service", "stop")


def test_openssh_gets_the_app_until_the_server_is_killed(ssh: tuple[Ssh, "subprocess.Popen[str]"]) -> None:
    """No command, no file; and with the server, however it dies, its apps and their parent end."""
    client, server = ssh
    done = subprocess.run([*client.command, "id"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert (done.returncode, "no shell here" in done.stderr) == (ExitCode.NOT_PERMITTED, True)
    copy = ["scp", "-q", "-P", str(client.port), *client.command[5:-1], "127.0.0.1:/etc/passwd", "/dev/null"]
    assert subprocess.run(copy, capture_output=True, timeout=_SECONDS, check=False).returncode != 0
    pid, terminal = client.open_app(b"web-01")
    below = _below(server.pid)
    assert len(below) >= 2
    server.send_signal(signal.SIGKILL)
    server.wait()
    _eventually(lambda: not any(map(_is_alive, below)))
    os.waitpid(pid, 0)
    os.close(terminal)


def _below(pid: int) -> list[int]:
    """The processes that come from ``pid`` without the service, which outlives it."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if b"app_parent" in Path(f"/proc/{child}/cmdline").read_bytes():
            found += [int(child), *_below(int(child))]
    return found


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def _eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
