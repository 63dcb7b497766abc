"""Servers that misbehave: each fault has its own name, evidence and remedy, and asyncssh's exceptions stay inside."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from collectors.transports import ssh_journey, ssh_login
from collectors.transports.base import TransportFailed
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BANNER = b"SSH-2.0-Test\r\n"


async def failure_of(ssh: Any, port: int, **more: Any) -> Failure:
    """The failure of a run against ``port``; it is checked to be clean and complete."""
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(ssh.machine(port), **more)
    failure = caught.value.failure
    for text in (failure.tried, failure.came_back, failure.remedy):
        assert text == clean(text)
        assert text
    assert f"127.0.0.1:{port}" in failure.tried
    assert failure.elapsed_seconds is not None
    return failure


def sends(*chunks: bytes, then_close: bool = True) -> Talk:
    """A server that sends ``chunks``, and then closes or falls silent."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for chunk in chunks:
            writer.write(chunk)
        await writer.drain()
        if not then_close:
            await reader.read(-1)

    return talk


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stage may take a moment only."""
    monkeypatch.setattr(ssh_login, "BANNER_SECONDS", 0.3)
    monkeypatch.setattr(ssh_login, "LOGIN_SECONDS", 0.3)


async def test_closed_port_is_refused(ssh: Any) -> None:
    """Nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        failure = await failure_of(ssh, probe.getsockname()[1])
    assert failure.kind is FailureKind.CONNECTION_REFUSED


async def test_unknown_name_is_not_found(ssh: Any) -> None:
    """A name that cannot exist is told apart from a machine that does not answer."""
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(ssh.machine(22, address="no-such-machine.invalid"), deadline_seconds=20.0)
    assert caught.value.failure.kind is FailureKind.ADDRESS_NOT_FOUND
    assert "no-such-machine.invalid:22" in caught.value.failure.tried


async def test_full_backlog_times_out_in_tcp(ssh: Any) -> None:
    """A listener that accepts nobody is a TCP connection without an answer."""
    with socket.socket() as listener, contextlib.ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(listener.getsockname())
        failure = await failure_of(ssh, listener.getsockname()[1], deadline_seconds=0.5)
    assert failure.kind is FailureKind.CONNECTION_TIMED_OUT


@pytest.mark.usefixtures("impatient")
async def test_silent_server_has_no_banner(ssh: Any, serve: Any) -> None:
    """Connected, and then nothing."""
    failure = await failure_of(ssh, await serve(sends(then_close=False)))
    assert failure.kind is FailureKind.NO_BANNER
    assert "no SSH banner came within" in failure.came_back


async def test_server_that_closes_at_once_has_no_banner(ssh: Any, serve: Any) -> None:
    """Accepted and closed without a word."""
    failure = await failure_of(ssh, await serve(sends()))
    assert failure.kind is FailureKind.NO_BANNER
    assert "closed before" in failure.came_back


async def test_reset_connection_has_no_banner(ssh: Any, serve: Any) -> None:
    """Accepted and reset."""

    async def reset(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = writer.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    assert (await failure_of(ssh, await serve(reset))).kind is FailureKind.NO_BANNER


async def test_sshd_with_too_many_connections_says_so(ssh: Any, serve: Any) -> None:
    """OpenSSH's refusal for MaxStartups is recognised, and the remedy names it."""
    failure = await failure_of(ssh, await serve(sends(b"Exceeded MaxStartups\r\n")))
    assert failure.kind is FailureKind.NO_BANNER
    assert "MaxStartups" in failure.remedy


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>\x1b[31m</html>",
        b"220 mail.example.net ESMTP\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00",
        b"SSH-1.5-Old\r\n",
        b"SSH-2.0-" + b"\xff\xfe" * 20 + b"\r\n",
        b"SSH-2.0-" + b"x" * 5000 + b"\r\n",
        b"x" * 100_000,
        b"line\r\n" * 100_000,
    ],
    ids=["http", "smtp", "tls", "ssh1", "not-ascii", "long-version", "long-line", "many-lines"],
)
async def test_other_service_is_not_ssh(ssh: Any, serve: Any, answer: bytes) -> None:
    """Another service, or a banner that cannot be one; the failure quotes its beginning."""

    async def answers_and_closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        await sends(answer)(reader, writer)

    failure = await failure_of(ssh, await serve(answers_and_closes))
    assert failure.kind is FailureKind.NOT_SSH
    assert answer[:3].decode(errors="replace").strip("\x16") in failure.came_back or "\\x16" in failure.came_back


@pytest.mark.usefixtures("impatient")
async def test_http_server_that_waits_is_not_ssh(ssh: Any, serve: Any) -> None:
    """Another service that answers and keeps the connection is named by what it said."""
    failure = await failure_of(ssh, await serve(sends(b"HTTP/1.1 408 Timeout\r\n", then_close=False)))
    assert failure.kind is FailureKind.NOT_SSH
    assert "HTTP/1.1 408" in failure.came_back


@pytest.mark.usefixtures("impatient")
async def test_server_that_hangs_after_its_banner_times_out(ssh: Any, serve: Any) -> None:
    """A banner, and then nothing."""
    failure = await failure_of(ssh, await serve(sends(BANNER, then_close=False)))
    assert failure.kind is FailureKind.LOGIN_TIMED_OUT


async def test_server_that_closes_after_its_banner_is_lost(ssh: Any, serve: Any) -> None:
    """A banner, and then the end."""
    failure = await failure_of(ssh, await serve(sends(BANNER)))
    assert failure.kind is FailureKind.CONNECTION_LOST


@pytest.mark.parametrize(
    "packet",
    [
        b"\xff\xff\xff\xff" * 100,
        b"\x00\x00\x00\x00" * 100,
        struct.pack(">IB", 12, 4) + b"\x14" + b"\x00" * 10,
        struct.pack(">IB", 28, 4) + b"\x01\x00\x00\x00\x02\x00\x00\x00\x03\xff\xfe\xfd\x00\x00\x00\x00" + b"\x00" * 10,
        struct.pack(">IB", 12, 4) + b"\x02" + b"\xff" * 10,
        struct.pack(">IB", 12, 4) + b"\x34" + b"\xff" * 10,
        struct.pack(">IB", 12, 4) + b"\x5e" + b"\xff" * 10,
        struct.pack(">IB", 12, 4) + b"\x15" + b"\xff" * 10,
    ],
)
async def test_packets_that_break_the_protocol_are_one_failure(ssh: Any, serve: Any, packet: bytes) -> None:
    """Whatever a hostile packet makes asyncssh raise, it comes out as a failure of a known kind."""
    failure = await failure_of(ssh, await serve(sends(BANNER, packet)))
    assert failure.kind in {FailureKind.NOT_SSH, FailureKind.CONNECTION_LOST, FailureKind.LOGIN_REFUSED}


async def test_overall_deadline_cuts_every_stage(ssh: Any, serve: Any) -> None:
    """A short deadline ends a stage that may take longer by itself, and keeps the stage's name."""
    failure = await failure_of(ssh, await serve(sends(then_close=False)), deadline_seconds=0.3)
    assert failure.kind is FailureKind.NO_BANNER
    assert ssh_journey.BANNER_SECONDS > 1


async def test_cancelling_closes_the_connection(ssh: Any, serve: Any) -> None:
    """A cancelled run leaves no open connection behind."""
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def notice(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        arrived.set()
        await reader.read(-1)
        gone.set()

    task = asyncio.create_task(ssh.run(ssh.machine(await serve(notice))))
    await asyncio.wait_for(arrived.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(gone.wait(), 20)


async def test_faults_say_nothing_on_the_terminal(ssh: Any, serve: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither asyncssh nor asyncio writes to the terminal, which belongs to the app."""
    await failure_of(ssh, await serve(sends(BANNER, b"\xff" * 1000)))
    await failure_of(ssh, await serve(sends(b"SSH-2.0-\xff\r\n")))
    assert capfd.readouterr().err == ""
