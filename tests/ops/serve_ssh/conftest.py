"""A server of the app over SSH in the test's own process, with the real parent of apps, and clients of asyncssh."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncssh
import pyte
import pytest
import pytest_asyncio

from fleet.listening import ListenPlace
from fleet.machines import Machine, TransportKind
from fleet.roles import Role
from fleet.ssh_logins import LoginKey
from ops.home import Home, open_home
from ops.serve_ssh.app_parents import AppParents
from ops.serve_ssh.desk import Desk, Limits
from ops.serve_ssh.host_key import server_key
from ops.serve_ssh.login_keys import add_login_key
from ops.serve_ssh.running import open_listener
from ops.state.audit import Audit, AuditEntry
from ops.state.database import opened
from ops.state.machines import MachineBook

SECONDS = 30.0
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class Client:
    """A connection with a terminal, and the screen that the app's bytes make."""

    connection: Any  # Any: asyncssh's
    process: Any
    screen: pyte.Screen
    raw: bytearray = field(default_factory=bytearray)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Reads until ``condition`` holds."""
        stream = pyte.ByteStream(self.screen)
        async with asyncio.timeout(SECONDS):
            while not condition():
                data = await self.process.stdout.read(65_536)
                assert data or condition(), bytes(self.raw[-500:])
                self.raw += data
                stream.feed(data)

    async def shows(self, text: str) -> None:
        """Waits until ``text`` is on the screen."""
        await self.until(lambda: any(text in line for line in self.screen.display))

    async def ended(self) -> int:
        """Waits for the end, and gives the exit status."""
        async with asyncio.timeout(SECONDS):
            while data := await self.process.stdout.read(65_536):
                self.raw += data
            await self.process.wait_closed()
        return int(self.process.exit_status)

    def type(self, keys: str) -> None:
        """Types ``keys``."""
        self.process.stdin.write(keys.encode())


@dataclass(slots=True)
class Server:
    """A server that listens, its people, and what became of them."""

    home: Home
    desk: Desk
    parents: AppParents
    port: int
    temp: Path
    keys: dict[str, Any] = field(default_factory=dict)
    clients: list[Any] = field(default_factory=list)

    def add(self, name: str, role: Role) -> Any:  # Any: asyncssh's key
        """A new login with a key of its own."""
        key = asyncssh.generate_private_key("ssh-ed25519")
        line = " ".join(key.export_public_key().decode().split()[:2])
        add_login_key(self.home, LoginKey(name, role, line))
        self.keys[name] = key
        return key

    async def connect(self, key: Any, **options: Any) -> Any:
        """A connection of whoever has ``key``."""
        connection = await asyncssh.connect(
            "127.0.0.1",
            self.port,
            username="whoever",
            client_keys=[key],
            known_hosts=None,
            agent_path=None,
            config=None,
            **options,
        )
        self.clients.append(connection)
        return connection

    async def enter(self, name: str, size: tuple[int, int] = (80, 24), **options: Any) -> Client:
        """The app of ``name``, once its table is there."""
        client = await self.begin(name, size, **options)
        await client.shows("web-01")
        return client

    async def begin(self, name: str, size: tuple[int, int] = (80, 24), **options: Any) -> Client:
        """A session of ``name``."""
        connection = await self.connect(self.keys[name])
        given = {"term_type": "xterm-256color", **options}
        process = await connection.create_process(term_size=size, encoding=None, **given)
        shown = (min(max(size[0], 1), 1000), min(max(size[1], 1), 400)) if all(size) else (80, 24)
        return Client(connection, process, pyte.Screen(*shown))

    def deeds(self, action: str) -> list[AuditEntry]:
        """The entries of the audit of that deed, the newest first."""
        with opened(self.home.state_file) as connection:
            return [each for each in Audit(connection).list_entries() if each.action == action]

    async def has(self, action: str, condition: Callable[[AuditEntry], bool] = lambda _: True) -> AuditEntry:
        """The newest such entry, once it is there."""
        found: AuditEntry = await eventually(lambda: next(filter(condition, self.deeds(action)), None))
        return found

    def apps(self) -> list[int]:
        """The numbers of the apps' processes."""
        return [session._app.pid for session in self.desk.sessions if session._app is not None]


async def eventually(look: Callable[[], Any]) -> Any:
    """What ``look`` gives once it gives something."""
    async with asyncio.timeout(SECONDS):
        while not (found := look()):
            await asyncio.sleep(0.02)
    return found


def is_alive(pid: int) -> bool:
    """Whether the process runs: one that nobody has waited for does not."""
    try:
        return re.search(r"\) ([A-Z])", Path(f"/proc/{pid}/stat").read_text())[1] != "Z"  # type: ignore[index]
    except FileNotFoundError:
        return False


def make_home(path: Path) -> Home:
    """A home with two machines, of which nothing is known."""
    home = open_home(path)
    (path / "config.toml").write_text("[service]\nassess = false\n")
    with opened(home.state_file) as connection:
        for name in ("web-01", "web-02"):
            MachineBook(connection).add(Machine(name, name, TransportKind.SSH, AT, address="192.0.2.1"))
    return home


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server with a viewer, an operator and an admin; shared by the tests of a file, which take four s of CPU."""
    home = make_home(tmp_path_factory.mktemp("served") / "home")
    parents = AppParents(home, "tui.app_parent")
    desk = Desk(home, parents, Limits(login_seconds=20.0), _no_service)
    listener = await open_listener(desk, ListenPlace("127.0.0.1", 0), server_key(home))
    temp = tmp_path_factory.mktemp("temp")
    made = Server(home, desk, parents, listener.get_port(), temp)
    for name, role in (("vera", Role.VIEWER), ("olga", Role.OPERATOR), ("ada", Role.ADMIN)):
        made.add(name, role)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temp))
        await parents.start()
        yield made
    listener.close()
    await desk.close("The tests are over.")
    for each in made.clients:
        each.abort()
    await parents.close()


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def empty_room(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Everybody is out after a test."""
    yield
    if "server" in request.fixturenames:
        made: Server = request.getfixturevalue("server")
        for each in made.clients:
            each.abort()
        made.clients.clear()
        await eventually(lambda: not made.desk.sessions)


async def _no_service(_home: Home) -> str:
    return ""


__all__ = ["SECONDS", "Client", "Server", "eventually", "is_alive", "make_home", "os", "time"]
