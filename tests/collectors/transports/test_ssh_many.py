"""Many machines at once: servers that take few connections, jump hosts that carry few, and ones that are not there."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from collectors.transports.base import TransportFailed
from collectors.transports.opening import open_transport
from collectors.transports.ssh_journey import Journey, Stage
from collectors.transports.ssh_starts import Starts
from fleet.failures import FailureKind


async def ask(context: Any, machine: Any) -> bytes:
    """What one machine of many says."""
    transport = open_transport(machine, context)
    return bytes((await transport.run(b"sleep 0.3; echo inside", deadline_seconds=60, max_output_bytes=1000)).stdout)


async def test_a_server_that_takes_few_logins_at_once_is_asked_again(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """With OpenSSH's MaxStartups at 2, a storm of ten is spread until all are in."""
    sshd = start_sshd("MaxStartups 2:50:4")
    context = await ssh.context()
    machine = ssh.machine_on(sshd)
    assert await asyncio.gather(*(ask(context, machine) for _ in range(10))) == [b"inside\n"] * 10


class NarrowGate(asyncssh.SSHServer):
    """A jump host that carries ``most`` connections over each login."""

    most = 2
    logins = 0

    def __init__(self) -> None:
        self.carried = 0
        self.connection: Any = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        type(self).logins += 1
        self.connection = conn

    def begin_auth(self, username: str) -> bool:
        return False

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:
        if self.carried == self.most:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "no more sessions")
        self.carried += 1
        return self.carry(dest_host, dest_port)

    async def carry(self, host: str, port: int) -> Any:
        forwarder = await self.connection.forward_connection(host, port)
        end = forwarder.connection_lost

        def note_end(error: Exception | None) -> None:
            self.carried -= 1
            end(error)

        forwarder.connection_lost = note_end
        return forwarder


async def test_a_jump_host_that_carries_few_is_logged_in_to_again(
    ssh: Any, sshd: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a jump host refuses a third machine over one login, further logins carry the rest; all are reached."""
    monkeypatch.setattr(NarrowGate, "logins", 0)
    key = asyncssh.generate_private_key("ssh-ed25519")
    async with await asyncssh.listen("127.0.0.1", 0, server_factory=NarrowGate, server_host_keys=[key]) as gate:
        port = gate.get_port()
        ssh.trust(f"[127.0.0.1]:{port} {key.export_public_key().decode()}")
        context = await ssh.context()
        machine = ssh.machine_on(sshd, proxy_jump=f"root@127.0.0.1:{port}")
        assert await asyncio.gather(*(ask(context, machine) for _ in range(6))) == [b"inside\n"] * 6
        assert 2 <= NarrowGate.logins <= 6
        await context.close()


async def test_a_jump_host_that_is_not_there_is_tried_once(ssh: Any, serve: Any) -> None:
    """All machines behind it have its failure, the later ones at once."""
    attempts = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal attempts
        attempts += 1
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    gate = await serve(talk)
    context = await ssh.context()
    kinds = []
    for _ in range(3):
        with pytest.raises(TransportFailed) as caught:
            await ask(context, ssh.machine(22, proxy_jump=f"root@127.0.0.1:{gate}"))
        kinds.append(caught.value.failure.kind)
    assert kinds == [FailureKind.NOT_SSH] * 3
    assert attempts == 1


async def test_no_more_begin_at_once_than_have_places() -> None:
    """A connection that begins waits for a place, which is free again once a login is done."""
    starts = Starts(4)
    underway = most = 0
    all_wait = asyncio.Event()

    async def attempt(journey: Journey) -> int:
        nonlocal underway, most
        underway += 1
        most = max(most, underway)
        if underway == 4:
            all_wait.set()
        await all_wait.wait()
        underway -= 1
        journey.enter(Stage.SESSION)
        return 1

    journeys = [Journey("SSH", "m", 60.0) for _ in range(20)]
    assert sum(await asyncio.gather(*(starts.connect(journey, attempt) for journey in journeys))) == 20
    assert most == 4


async def test_fewer_begin_at_once_when_servers_turn_us_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each refusal halves the number, each login raises it again."""
    monkeypatch.setattr("collectors.transports.ssh_starts.PAUSES_SECONDS", ((0.0, 0.0), (0.0, 0.0)))
    starts = Starts(64)

    async def attempt(journey: Journey) -> int:
        journey.enter(Stage.BANNER)
        if journey.attempt < 3:
            raise ConnectionResetError
        journey.enter(Stage.SESSION)
        return journey.attempt

    assert await starts.connect(Journey("SSH", "m", 60.0), attempt) == 3
    assert starts.limit == 16
    for _ in range(40):
        await starts.connect(Journey("SSH", "m", 60.0, attempt=2), attempt)
    assert starts.limit > 16
