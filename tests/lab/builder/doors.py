"""Addresses that answer wrongly: what a machine's sshd, or the way to it, can do to who connects."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.lab.builder.specs import Door

BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"
_WEB_PAGE = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<h1>Bad Request</h1>\r\n"
# Past the handshake and the login (about 4 kB from the server), in the middle of an assessment's answer.
_STALLS_AFTER_BYTES = 6_000

_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def open_door(door: Door, address: str, port: int, behind: tuple[str, int]) -> asyncio.Server | None:
    """Listen at ``address`` as ``door`` says; ``behind`` is the real sshd, for the doors that have one."""
    if door in (Door.CLOSED, Door.SSHD):
        return None
    handler = _stall(*behind) if door is Door.STALLS else _HANDLERS[door]
    return await asyncio.start_server(handler, address, port)


async def _say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _say_banner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(BANNER)
    await reader.read()


async def _say_web_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.write(_WEB_PAGE)
    await writer.drain()
    writer.close()


_HANDLERS: dict[Door, _Handler] = {
    Door.SILENT: _say_nothing,
    Door.STOPS_AFTER_BANNER: _say_banner,
    Door.NOT_SSH: _say_web_page,
}


def _stall(address: str, port: int) -> _Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(address, port)
        onward = asyncio.create_task(_copy(reader, to_server, None))
        await _copy(from_server, writer, _STALLS_AFTER_BYTES)
        await onward

    return handle


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None) -> None:
    passed = 0
    while data := await reader.read(65_536):
        passed += len(data)
        if limit is not None and passed > limit:
            continue
        writer.write(data)
        await writer.drain()
