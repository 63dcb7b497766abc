"""Accepting a host key from the app, against a real SSH server on loopback."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import asyncssh
import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.failures import FailureKind
from fleet.machines import Machine
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import connect
from ops.statuses import statuses_of
from tui.app import PatchdeckApp
from tui.widgets.table import BigTable

UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.fixture
async def server() -> AsyncIterator[tuple[int, str]]:
    """The port of a server that lets nobody in, and the fingerprint of its key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key])
    yield acceptor.get_port(), key.get_fingerprint()
    acceptor.close()
    await acceptor.wait_closed()


async def test_host_key_is_shown_and_accepted_with_yes(
    empty_home: Home,
    now: datetime,
    until: UntilOf,
    text_of: TextOf,
    machine: Callable[[int, str], Machine],
    enrol: Callable[[Home, list[Machine]], None],
    server: tuple[int, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An unknown key stops the assessment; K shows it, yes trusts it, and the machine is assessed again."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    port, fingerprint = server
    enrol(empty_home, [replace(machine(1, "web-01"), address="127.0.0.1", port=port, enabled=True)])
    # A clock that stands still would make the second assessment no newer than the first.
    seconds = itertools.count()
    app = PatchdeckApp(empty_home, clock=lambda: now + timedelta(seconds=next(seconds)))

    def failure() -> FailureKind | None:
        attempt = statuses_of(empty_home, ["web-01"])[0].last_attempt
        return attempt.failure.kind if attempt and attempt.failure else None

    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("A")
        await until(pilot)(lambda: app.scan is None and failure() is FailureKind.HOST_KEY_UNKNOWN)
        await until(pilot)(lambda: "host-key-unknown" in app.screen.query_one(BigTable).contents[0].cells[7])
        await pilot.press("K")
        await until(pilot)(lambda: fingerprint in text_of(app))
        await pilot.press(*"no", "enter")
        await until(pilot)(lambda: "Type yes to trust this key" in text_of(app))
        assert not empty_home.known_hosts.exists()
        await pilot.press("backspace", "backspace", *"yes", "enter")
        await until(pilot)(lambda: failure() is FailureKind.LOGIN_REFUSED)
    assert f"[127.0.0.1]:{port}" in empty_home.known_hosts.read_text()
    connection = connect(empty_home.state_file)
    assert "machine.accept-key" in [entry.action for entry in Audit(connection).list_entries()]
    connection.close()
