"""`patchdeck serve-ssh` as people use it: the verbs, and OpenSSH's client against the real server."""

import json
import os
import pty
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyte
import pytest

from ops.exit_codes import ExitCode
from tests.free_ports import free_port
from tests.ops.cli.conftest import Begin, Patchdeck
from tests.tui.real_terminal import Terminal

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

    def open_app(self) -> Terminal:
        """The client on a terminal of its own, once the table is shown."""
        pid, descriptor = pty.fork()
        if pid == 0:
            os.execvpe("ssh", self.command, {**os.environ, "TERM": "xterm-256color"})
        screen = pyte.Screen(80, 24)
        terminal = Terminal(pid, descriptor, screen, pyte.ByteStream(screen))
        terminal.until(lambda: terminal.shows("web-01"))
        return terminal


def end(terminal: Terminal, number: signal.Signals) -> None:
    """Ends the client."""
    os.kill(terminal.pid, number)
    os.waitpid(terminal.pid, 0)
    terminal.hang_up()


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
    """A server that listens, and the client of an operator; the one machine there is takes connections in silence."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        machine = ("--address", "127.0.0.1", "--port", str(silent.getsockname()[1]), "--user", "x")
        patchdeck("machines", "add", "web-01", *machine)
        (home / "config.toml").write_text("[service]\nassess = false\n")
        patchdeck("serve-ssh", "keys", "add", "olga", f"{key}.pub", "--role", "operator")
        port = free_port()
        server = begin("serve-ssh", "--listen", f"127.0.0.1:{port}")
        assert server.stderr is not None
        assert "served on" in server.stderr.readline()
        yield Ssh(port, key), server
        server.terminate()
        server.wait(_SECONDS)
        patchdeck("service", "stop")


def test_run_goes_on_when_its_client_is_killed(patchdeck: Patchdeck, ssh: tuple[Ssh, "subprocess.Popen[str]"]) -> None:
    """It is the login's, the service works on it, and the next login sees it."""
    client, _ = ssh
    patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    first = client.open_app()
    for keys, shown in ((b":deployments\r", "when asked"), (b"r", "To be sure"), (b"nightly\r", "asked for by")):
        first.send(keys)
        first.until(lambda shown=shown: first.shows(shown))  # type: ignore[misc]  # a default binds it
    end(first, signal.SIGKILL)
    _eventually(lambda: "line dropped" in patchdeck("audit", "--by", "olga", "--action", "serve-ssh.end").out)
    _eventually(lambda: _the_run(patchdeck)["status"] != "Waiting")
    run = _the_run(patchdeck)
    # Its machine never answers, which the service says in the end.
    assert run["status"] in ("InProgress", "Failed")
    assert run["requester"] == "ssh:olga"
    second = client.open_app()
    second.send(b":runs\r")
    second.until(lambda: second.shows("nightly"))
    end(second, signal.SIGTERM)


@pytest.mark.soak
@pytest.mark.parametrize("role", ["operator", "admin"])
def test_run_and_audit_are_whole_after_ten_cut_lines(
    patchdeck: Patchdeck, ssh: tuple[Ssh, "subprocess.Popen[str]"], key: Path, role: str
) -> None:
    """Each login finds the one run as it is, and each has one beginning and one end in the audit."""
    client, _ = ssh
    patchdeck("serve-ssh", "keys", "remove", "olga")
    patchdeck("serve-ssh", "keys", "add", "olga", f"{key}.pub", "--role", role)
    patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    for number in range(10):
        terminal = client.open_app()
        keys = ((b":deployments\r", "when asked"), (b"r", "To be sure"), (b"nightly\r", "asked for by"))
        for typed, shown in keys if number == 0 else ((b":runs\r", "nightly"),):
            terminal.send(typed)
            terminal.until(partial(terminal.shows, shown))
        end(terminal, signal.SIGKILL)

    def told(deed: str) -> list[str]:
        entries = json.loads(patchdeck("audit", "--by", "olga", "--action", f"serve-ssh.{deed}", "--json").out)
        return sorted(each["after"]["session"] for each in entries)

    _eventually(lambda: len(told("end")) == 10)
    assert told("open") == told("end")
    assert len(json.loads(patchdeck("deployments", "history", "--json").out)) == 1
    assert _the_run(patchdeck)["requester"] == "ssh:olga"
    patchdeck("audit", "verify")


def test_open_session_is_listed_and_ended(patchdeck: Patchdeck, ssh: tuple[Ssh, "subprocess.Popen[str]"]) -> None:
    """By the owner of the home, who says why to whoever is in; nothing is left of it but its entries."""
    client, _ = ssh
    terminal = client.open_app()
    (listed,) = json.loads(patchdeck("serve-ssh", "sessions", "list", "--json").out)
    assert (listed["login"], listed["role"], listed["state"]) == ("olga", "operator", "open")
    patchdeck("serve-ssh", "sessions", "end", "nobody", code=ExitCode.USAGE)
    patchdeck("serve-ssh", "sessions", "end", listed["session"], "--reason", "the host restarts")
    terminal.until(lambda: b": the host restarts." in terminal.raw)
    os.waitpid(terminal.pid, 0)
    terminal.hang_up()
    _eventually(lambda: "ended by" in patchdeck("audit", "--by", "olga", "--action", "serve-ssh.end").out)
    _eventually(lambda: patchdeck("serve-ssh", "sessions", "list", "--json").out.strip() == "[]")
    assert "the host restarts" in patchdeck("audit", "--action", "serve-ssh.end-session", "--json").out


def test_openssh_gets_the_app_until_the_server_is_killed(
    patchdeck: Patchdeck, begin: Begin, ssh: tuple[Ssh, "subprocess.Popen[str]"]
) -> None:
    """No command, no file; and with the server, however it dies, its apps and their parent end. The next server says
    what became of them.
    """
    client, server = ssh
    done = subprocess.run([*client.command, "id"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    assert (done.returncode, "no shell here" in done.stderr) == (ExitCode.NOT_PERMITTED, True)
    copy = ["scp", "-q", "-P", str(client.port), *client.command[5:-1], "127.0.0.1:/etc/passwd", "/dev/null"]
    assert subprocess.run(copy, capture_output=True, timeout=_SECONDS, check=False).returncode != 0
    terminal = client.open_app()
    below = _below(server.pid)
    assert len(below) >= 2
    server.send_signal(signal.SIGKILL)
    server.wait()
    _eventually(lambda: not any(map(_is_alive, below)))
    os.waitpid(terminal.pid, 0)
    terminal.hang_up()
    (left,) = json.loads(patchdeck("serve-ssh", "sessions", "list", "--json").out)
    assert left["state"] == "its server was killed"
    after = begin("serve-ssh", "--listen", f"127.0.0.1:{free_port()}")
    _eventually(lambda: "ended with the server" in patchdeck("audit", "--action", "serve-ssh.end").out)
    _eventually(lambda: patchdeck("serve-ssh", "sessions", "list", "--json").out.strip() == "[]")
    after.terminate()
    after.wait(_SECONDS)


def _the_run(patchdeck: Patchdeck) -> dict[str, str]:
    found: list[dict[str, str]] = json.loads(patchdeck("deployments", "history", "--json").out)
    return found[0]


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
