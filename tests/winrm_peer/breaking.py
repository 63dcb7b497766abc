"""How a connection ends badly."""

import asyncio
import socket
import struct

from tests.winrm_peer.faults import FaultKind
from tests.winrm_peer.faulty_answers import GARBAGE

_OVER = frozenset({FaultKind.DROP, FaultKind.RESET, FaultKind.GARBAGE})


def is_over(kind: FaultKind) -> bool:
    """Whether nothing is carried out, and the connection ends."""
    return kind in _OVER


async def break_off(kind: FaultKind, writer: asyncio.StreamWriter) -> bool:
    """Ends the connection in the way of ``kind``; it never goes on."""
    if kind is FaultKind.GARBAGE:
        writer.write(GARBAGE)
        await writer.drain()
    if kind is FaultKind.RESET:
        reset(writer.get_extra_info("socket"))
        writer.transport.abort()
    return False


def reset(connected: socket.socket) -> None:
    """Has the connection end with RST once it is closed."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def hang(reader: asyncio.StreamReader) -> bool:
    """Says nothing until the other side goes away."""
    while await reader.read(65536):
        pass
    return False
