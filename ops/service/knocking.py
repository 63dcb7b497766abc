"""The way to the socket of a service, for those who ask it for something.

Nothing is believed before the kernel has said that the listener is the owner of the home, or root.
"""

import asyncio
import socket
import time

from fleet.errors import HomeUnusable, NotPermitted, PatchdeckError, StoreBusy
from ops.acting_login import acting_login
from ops.home import Home
from ops.roles import user_name
from ops.service.peers import peer_of, socket_address
from ops.service.starting import START_SECONDS, is_being_started
from ops.service.wire import MOST_REPLY_BYTES

_CONNECT_SECONDS = 10.0
_AGAIN_SECONDS = 0.05
# The server of logins has one started at each login; by then the first key may have been typed.
_BEGINNING_SECONDS = 5.0


async def connect_to_service(home: Home) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the service of ``home``; waits for one that is just being started.

    Raises:
        PatchdeckError: there is none, it lets this user not in, or it is not the service that listens.
    """
    try:
        connection = await _connected(home)
    except PermissionError as error:
        raise NotPermitted(
            f"You are not let to the service of {home.path}: its operators and admins are. If you were made one a "
            "while ago, log in again. Nothing was changed."
        ) from error
    except TimeoutError as error:
        raise StoreBusy(f"The service of {home.path} has too many askers: try again in a while.") from error
    except OSError as error:
        raise PatchdeckError(_why_nobody(home)) from error
    try:
        _check_listener(home, connection)
        return await asyncio.open_unix_connection(sock=connection, limit=MOST_REPLY_BYTES)
    except BaseException:
        connection.close()
        raise


def _why_nobody(home: Home) -> str:
    owner = user_name(_owner(home))
    if acting_login() is not None:
        return f"No service works for {home.path}: log in again, which starts it, or tell {owner}, whose home it is."
    return (
        f"No service works for the home {home.path}, which is shared: {owner}, its owner, starts it with `patchdeck "
        "service start`, or by systemd."
    )


async def _connected(home: Home) -> socket.socket:
    """A connection to the socket of the home, once its service is there, where one is being started.

    Raises:
        OSError: none is there, or it lets nobody in.
    """
    deadline = time.monotonic() + (_BEGINNING_SECONDS if acting_login() is not None else 0)
    last = time.monotonic() + START_SECONDS
    while True:
        try:
            return await _connected_now(home)
        except (FileNotFoundError, ConnectionRefusedError):
            now = time.monotonic()
            if now >= last or (now >= deadline and not is_being_started(home)):
                raise
            await asyncio.sleep(_AGAIN_SECONDS)


async def _connected_now(home: Home) -> socket.socket:
    """A connection at once. asyncio takes one that has to wait for its turn as if it were made."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    try:
        with socket_address(home, home.service_socket.name) as address:
            async with asyncio.timeout(_CONNECT_SECONDS):
                while not _is_let_in(connection, address):  # noqa: ASYNC110 - the kernel tells nobody of a place
                    await asyncio.sleep(_AGAIN_SECONDS)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_let_in(connection: socket.socket, address: str) -> bool:
    try:
        connection.connect(address)
    except BlockingIOError:  # as many wait as can
        return False
    return True


def _check_listener(home: Home, connection: socket.socket) -> None:
    listener, owner = peer_of(connection), _owner(home)
    if listener.user not in (owner, 0):
        raise HomeUnusable(
            f"{home.service_socket} is not the service's: process {listener.pid} of {user_name(listener.user)} listens "
            f"there, and not {user_name(owner)}. Nothing was asked."
        )


def _owner(home: Home) -> int:
    return home.path.stat().st_uid
