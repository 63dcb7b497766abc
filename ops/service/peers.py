"""Who is at the other end of a Unix socket, by the kernel's word: SO_PEERCRED, unix(7)."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fleet.errors import HomeUnusable
from ops.home import Home

_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """The process that connected, or that listens: as they were at that moment."""

    pid: int
    user: int


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end of ``connection``."""
    pid, user, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return Peer(pid, user)


@contextmanager
def socket_address(home: Home, name: str) -> Iterator[str]:
    """The address of the socket ``name`` in ``home``, while inside.

    It leads through a descriptor of the folder: however long the path of the home is, the address has few characters
    (unix(7) allows 107), and nobody exchanges a folder on the way.

    Raises:
        HomeUnusable: the home cannot be opened.
    """
    try:
        folder = os.open(home.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise HomeUnusable(f"Cannot open {home.path}: {error.strerror}.") from error
    try:
        yield f"/proc/self/fd/{folder}/{name}"
    finally:
        os.close(folder)
