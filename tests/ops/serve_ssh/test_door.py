"""What a session asks the service for: under the name of its key, as the keys are now, and beyond its own end."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.machines import Machine, TransportKind
from fleet.roles import Deed, Role
from fleet.ssh_logins import LoginKey
from ops.config import Settings
from ops.home import Home, open_home
from ops.serve_ssh.login_keys import add_login_key
from ops.service.door import DoorDuty
from ops.service.duty import Look, Post
from ops.service.wire import Request, write_request
from ops.state.audit import Audit, utc_now
from ops.state.database import opened
from ops.state.machines import MachineBook
from tests.fleet.test_ssh_logins import line
from tests.ops.serve_ssh.conftest import eventually

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
async def home(tmp_path: Path, transcript: Callable[..., Path]) -> AsyncIterator[Home]:
    """A home that is not shared, with an operator and a viewer over SSH, a machine, and its service's door."""
    home = open_home(tmp_path / "home")
    add_login_key(home, LoginKey("olga", Role.OPERATOR, line(1)))
    add_login_key(home, LoginKey("vera", Role.VIEWER, line(2)))
    machine = Machine("web", "web", TransportKind.SCRIPTED, AT, transcript=str(transcript("web", failure={})))
    with opened(home.state_file) as connection:
        MachineBook(connection).add(machine)
    door = DoorDuty(Post(home, "token", utc_now, lambda: None))
    await door.attend(Look(AT, None, AT, Settings()))
    yield home
    await door.end()


async def test_what_a_session_began_goes_on_without_it(home: Home) -> None:
    """The connection is cut at once; the assessment is stored, and is the login's in the audit."""
    request = Request(Deed.ASSESS, ("web",), login="olga", ssh_client="192.0.2.9 50000 8022", goes_on=True)
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(home.service_socket))
        asking.sendall(write_request(request))

    def entry() -> tuple[str, str] | None:
        with opened(home.state_file) as connection:
            found = [each for each in Audit(connection).list_entries() if each.action == "machines.assess"]
            assessed = connection.execute("SELECT count(*) FROM statuses").fetchone()[0]
        return (found[0].actor.user, found[0].actor.ssh_client) if found and assessed else None

    assert await eventually(entry) == ("ssh:olga", "192.0.2.9 50000 8022")


@pytest.mark.parametrize("login", ["vera", "nobody", "root"])
async def test_whoever_is_no_operator_by_their_key_is_refused(home: Home, login: str) -> None:
    """The service looks at the keys itself."""
    assert b"makes nobody an operator" in await _ask(home, Request(Deed.ASSESS, ("web",), login=login))


async def test_the_socket_is_the_owners_alone(home: Home) -> None:
    """In a home that is not shared nobody else connects."""
    assert home.service_socket.stat().st_mode & 0o777 == 0o600


async def _ask(home: Home, request: Request) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(home.service_socket))
    writer.write(write_request(request))
    answer = await reader.readline()
    writer.close()
    return answer
