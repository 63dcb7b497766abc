"""Accepting a host key: fetched from a real SSH server, compared, written, audited."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from fleet.errors import BadInput
from fleet.failures import FailureKind
from ops.assess import FleetOptions, assess_fleet
from ops.enrolment import Definition, define_this_machine, enrol
from ops.home import Home, open_home
from ops.host_keys import HostKeyNotFetched, accept_key, fetch_key
from ops.state.audit import Audit
from ops.state.database import connect


@pytest.fixture
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home of a user who has no SSH configuration."""
    (tmp_path / "nobody").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    return open_home(tmp_path / "home")


@pytest.fixture
async def server() -> AsyncIterator[tuple[int, str]]:
    """A server on loopback that lets nobody in: its port and the fingerprint of its key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    acceptor = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key])
    yield acceptor.get_port(), key.get_fingerprint()
    acceptor.close()
    await acceptor.wait_closed()


async def test_an_unknown_key_stops_the_scan_until_it_is_accepted(own_home: Home, server: tuple[int, str]) -> None:
    """Before, the failure is the host key; afterwards it is the login. The deed is in the audit."""
    port, fingerprint = server
    machine = enrol(own_home, Definition("web-01", address="127.0.0.1", port=port, user="nobody")).machine
    options = FleetOptions(deadline_seconds=20)

    before = await assess_fleet(own_home, [machine], options, lambda event: None)
    key = await fetch_key(own_home, machine)
    accept_key(own_home, machine, key)
    after = await assess_fleet(own_home, [machine], options, lambda event: None)

    assert key.fingerprint == fingerprint
    assert [a.failure.kind for a in before.failed if a.failure] == [FailureKind.HOST_KEY_UNKNOWN]
    assert [a.failure.kind for a in after.failed if a.failure] == [FailureKind.LOGIN_REFUSED]
    assert own_home.known_hosts.stat().st_mode & 0o077 == 0
    with closing(connect(own_home.state_file)) as connection:
        newest = Audit(connection).list_entries(1)[0]
    assert (newest.action, newest.target) == ("machine.accept-key", "web-01")
    assert fingerprint in json.loads(newest.after or "")


async def test_machines_without_ssh_have_no_host_key(own_home: Home) -> None:
    """This machine needs none."""
    with pytest.raises(BadInput, match="no host key"):
        await fetch_key(own_home, enrol(own_home, define_this_machine()).machine)


async def test_a_machine_that_cannot_be_reached_says_why(own_home: Home) -> None:
    """A closed port on loopback."""
    acceptor = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = acceptor.sockets[0].getsockname()[1]
    acceptor.close()
    await acceptor.wait_closed()
    machine = enrol(own_home, Definition("web-01", address="127.0.0.1", port=port)).machine

    with pytest.raises(HostKeyNotFetched, match="web-01"):
        await fetch_key(own_home, machine)


async def test_accept_key_on_the_command_line_wants_the_fingerprint(
    patchdeck_process: Callable[..., Any], server: tuple[int, str]
) -> None:
    """Nobody is there to say yes: only the right fingerprint, or --yes, accepts the key."""
    port, fingerprint = server

    async def run(*arguments: str, code: int = 0) -> Any:  # Any: how it ended, see conftest
        return await asyncio.to_thread(patchdeck_process, *arguments, code=code)

    await run("machines", "add", "web-01", "--address", "127.0.0.1", "--port", str(port))
    unasked = await run("machines", "accept-key", "web-01", code=2)
    wrong = await run("machines", "accept-key", "web-01", "--fingerprint", "SHA256:AAAA", code=2)
    accepted = await run("machines", "accept-key", "web-01", "--fingerprint", fingerprint, "--json")

    assert "--fingerprint" in unasked.err
    assert "not accepted" in wrong.err
    assert json.loads(accepted.out)[0]["fingerprint"] == fingerprint


async def test_machine_is_tested_before_it_is_enrolled(
    patchdeck_process: Callable[..., Any], server: tuple[int, str]
) -> None:
    """Its key is shown, nobody logs in with it unknown, and nothing is kept."""
    port, fingerprint = server

    async def run(*arguments: str, code: int) -> Any:  # Any: how it ended, see conftest
        return await asyncio.to_thread(patchdeck_process, *arguments, code=code)

    ended = await run("machines", "test", "web-01", "--address", "127.0.0.1", "--port", str(port), "--json", code=3)
    (row,) = json.loads(ended.out)
    assert (row["result"], row["fingerprint"]) == ("host-key-unknown", fingerprint)
    assert "accept-key web-01" in ended.err
    assert (await run("machines", "list", "--json", code=0)).out.strip() == "[]"
