"""Clients that agree, or do not agree, with the server on how to speak; no app is begun for any of them."""

import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import asyncssh
import pytest

from fleet.listening import ListenPlace
from fleet.roles import Role
from fleet.ssh_logins import Login, LoginKey
from ops.home import Home
from ops.serve_ssh.algorithms import EXCHANGES, SIGNATURES
from ops.serve_ssh.app_parents import AppParents
from ops.serve_ssh.app_session import AppSession
from ops.serve_ssh.connection import Connection
from ops.serve_ssh.desk import Desk, Limits
from ops.serve_ssh.host_key import server_key
from ops.serve_ssh.login_keys import add_login_key
from ops.serve_ssh.running import open_listener
from ops.serve_ssh.session_audit import SessionAudit
from ops.state.audit import Audit
from ops.state.database import opened
from tests.ops.serve_ssh.conftest import eventually, make_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose people have no app."""
    return make_home(tmp_path / "home")


@pytest.fixture
async def port(home: Home) -> AsyncIterator[int]:
    """Where a server listens that begins nothing."""
    desk = Desk(home, AppParents(home, "none"), Limits(), _no_service)
    listener = await open_listener(desk, ListenPlace("127.0.0.1", 0), server_key(home))
    yield listener.get_port()
    listener.close()
    await desk.close("The test is over.")


async def _no_service(_home: Home) -> str:
    return ""


async def test_old_algorithms_are_refused_and_the_log_says_which(port: int, caplog: pytest.LogCaptureFixture) -> None:
    """What was offered stands beside what is taken; so does that somebody speaks no SSH."""
    caplog.set_level(logging.INFO)
    with pytest.raises(asyncssh.KeyExchangeFailed):
        await asyncssh.connect(
            "127.0.0.1", port, kex_algs=["diffie-hellman-group14-sha1"], known_hosts=None, config=None, client_keys=None
        )
    with socket.create_connection(("127.0.0.1", port)) as browser:
        browser.sendall(b"GET / HTTP/1.0\r\n\r\n")
        await eventually(lambda: "Unsupported SSH version" in _told(caplog))
    assert "received diffie-hellman-group14-sha1" in _told(caplog)


def test_what_dropbear_guesses_is_right() -> None:
    """Its client sends the first step of Curve25519 before it knows what we speak, and again where we name another
    first: which asyncssh, that has taken the first, ends the connection for.
    """
    assert (EXCHANGES[0], SIGNATURES[0]) == ("curve25519-sha256", "ssh-ed25519")


async def test_key_that_is_named_and_not_proved_lets_nobody_in(port: int, home: Home) -> None:
    """Public keys are public: the audit says whose it was, and tries are few."""
    known, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    add_login_key(home, LoginKey("ada", Role.ADMIN, " ".join(known.export_public_key().decode().split()[:2])))
    (pair,) = asyncssh.load_keypairs([other])
    pair.public_data = known.public_data
    with pytest.raises(asyncssh.Error):
        await asyncssh.connect(
            "127.0.0.1", port, client_keys=[pair] * 50, known_hosts=None, config=None, agent_path=None, username="x"
        )

    def refused() -> str:
        with opened(home.state_file) as connection:
            found = [each for each in Audit(connection).list_entries() if each.action == "serve-ssh.refuse"]
        return f"{found[0].actor.user} {found[0].after}" if found else ""

    told = await eventually(refused)
    assert told.startswith("ssh:? ")
    assert "tries to log in" in told
    assert known.get_fingerprint() in told


def test_a_flood_of_failures_is_counted_not_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Scanners do not wash the log away."""
    caplog.set_level(logging.INFO)
    audit = SessionAudit(make_home(tmp_path / "home"))
    for number in range(50):
        audit.failed(f"192.0.2.{number} 1 22", "x" * 10_000)
    assert len(caplog.records) == 20
    assert len(_told(caplog)) < 20_000


async def test_a_terminal_without_a_name_is_a_terminal(tmp_path: Path) -> None:
    """OpenSSH sends one where TERM is not set: what stands in the way then is something else, here that all is full."""
    home = make_home(tmp_path / "home")
    desk = Desk(home, AppParents(home, "none"), Limits(sessions=0), _no_service)
    said: list[bytes] = []
    channel = SimpleNamespace(write_stderr=said.append, exit=lambda _code: None)
    for has_terminal in (True, False):
        session = AppSession(desk, Connection(desk, {}), Login("vera", Role.VIEWER, "x", "1", "y"), "")
        session.connection_made(channel)
        if has_terminal:
            session.pty_requested("", (80, 24, 0, 0), {})
        session.session_started()
    await desk.close("The test is over.")
    assert [b"needs a terminal" in each for each in said] == [False, True]


def _told(caplog: pytest.LogCaptureFixture) -> str:
    return " ".join(str(getattr(each, "patchdeck_fields", "")) for each in caplog.records)
