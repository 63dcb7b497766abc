"""From a link to an SSH connection that is logged in: asyncssh's own steps, with what costs CPU done once for many.

`asyncssh.connect` prepares its options anew for each connection, in a thread, and sends each packet for itself. A scan
of a thousand machines spends half of its time on both.
"""

import asyncio
import copy
import logging
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from asyncssh import (
    HostKeyNotVerifiable,
    KeyImportError,
    SSHClient,
    SSHClientConnection,
    SSHClientConnectionOptions,
    SSHKey,
    SSHTCPSession,
)
from asyncssh.constants import MSG_IGNORE
from asyncssh.known_hosts import KnownHostsArg
from asyncssh.logging import SSHLogger
from asyncssh.public_key import decode_ssh_certificate

from collectors.transports.ssh_algorithms import ciphers, host_key_algorithms
from collectors.transports.ssh_config import SshRoute
from collectors.transports.ssh_known_hosts import KnownKeys

_Prepared = tuple[SSHClientConnectionOptions, SSHClientConnectionOptions]
# Routes differ by configuration and kinds of host keys; a fleet has few of each.
_MOST_PREPARED = 1_000


class Handshakes:
    """Makes connections for one scan."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[int, tuple[str, ...]], _Prepared] = {}

    async def connect(
        self,
        route: SshRoute,
        known: KnownKeys,
        make_client: Callable[[], SSHClient],
        *,
        sock: socket.socket | None,
        tunnel: SSHClientConnection | None,
        note_key: Callable[[bytes], None],
    ) -> SSHClientConnection:
        """A connection over ``sock``, or through ``tunnel``, whose login is done.

        ``note_key`` is told what the server shows as its key, before it is known whether that is trusted.

        Raises:
            Exception: whatever asyncssh raises.
        """
        loop = asyncio.get_running_loop()
        options = self._options(route, known)
        options.known_hosts = cast("KnownHostsArg", known.as_lists())
        options.protocol_factory = make_client
        options.waiter = loop.create_future()
        connection = await _begin(loop, options, sock, tunnel, _KeyJudge(known, note_key))
        connection.set_extra_info(host=route.host, port=route.port)
        try:
            await options.waiter
        except BaseException:
            connection.abort()
            await connection.wait_closed()
            raise
        return connection

    def _options(self, route: SshRoute, known: KnownKeys) -> SSHClientConnectionOptions:
        algorithms = host_key_algorithms(route, known)
        key = id(route.options), algorithms
        if key not in self._prepared:
            if len(self._prepared) >= _MOST_PREPARED:
                self._prepared.clear()
            # The route's own options are kept beside, so that their id is not given to others.
            self._prepared[key] = route.options, _prepare(route, algorithms)
        options = copy.copy(self._prepared[key][1])
        options.host, options.port = route.host, route.port
        return options


def _prepare(route: SshRoute, algorithms: tuple[str, ...]) -> SSHClientConnectionOptions:
    return SSHClientConnectionOptions(
        route.options,
        config=None,
        host=route.host,
        port=route.port,
        server_host_key_algs=algorithms,
        encryption_algs=ciphers(route),
    )


async def _begin(
    loop: asyncio.AbstractEventLoop,
    options: SSHClientConnectionOptions,
    sock: socket.socket | None,
    tunnel: SSHClientConnection | None,
    judge: "_KeyJudge",
) -> SSHClientConnection:
    if tunnel is None:
        _, connection = await loop.create_connection(lambda: _Connection(loop, options, judge), sock=sock)
        return connection

    def make_session() -> SSHTCPSession[bytes]:
        # An SSH connection is a session of its jump host's connection, though it is not declared as one.
        return cast("SSHTCPSession[bytes]", _JudgedConnection(loop, options, judge))

    _, session = await tunnel.create_connection(make_session, options.host, options.port)
    return cast("SSHClientConnection", session)


@dataclass(frozen=True, slots=True)
class _KeyJudge:
    """What is known of a server's keys, and who is told which one it shows."""

    known: KnownKeys
    note: Callable[[bytes], None]

    def accepted(self, raw: bytes) -> SSHKey | None:
        """The key in the certificate ``raw``, if it was accepted for this host itself and is not revoked."""
        try:
            key = decode_ssh_certificate(raw).key
        except KeyImportError:
            return None
        return key if key in self.known.trusted and key not in self.known.revoked else None


class _JudgedConnection(SSHClientConnection):
    """asyncssh's connection, which tells what the server shows as its key.

    A key that was accepted for a host is believed whatever certificate it comes with, as by OpenSSH.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, options: SSHClientConnectionOptions, judge: _KeyJudge) -> None:
        super().__init__(loop, options, wait="auth")
        self._judge = judge

    def validate_server_host_key(self, key_data: bytes) -> SSHKey:
        """asyncssh's own verdict; its error does not tell what a certificate said."""
        self._judge.note(key_data)
        try:
            return super().validate_server_host_key(key_data)
        except HostKeyNotVerifiable as error:
            key = None if "revoked" in error.reason else self._judge.accepted(key_data)
            if key is None:
                raise
            self._server_host_key = key
            return key


class _Connection(_JudgedConnection):
    """asyncssh's connection over a transport that sends together what is written together, and without its notes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The link is there."""
        super().connection_made(JoinedWrites(cast("asyncio.Transport", transport)))

    @property
    def logger(self) -> SSHLogger:
        """Passes warnings on, to the channels of the connection as well."""
        return _LOGGER

    def send_packet(self, pkttype: int, *args: bytes, **_noted_by: object) -> None:
        """Send a packet, without the empty one that asyncssh puts before each.

        That one hides the vector that a cipher of chained blocks begins with (RFC 4251, 9.3.1); others have none that
        could be known, and half of what we send would be these.
        """
        if pkttype != MSG_IGNORE or self.get_extra_info("send_cipher", "").endswith("-cbc"):
            super().send_packet(pkttype, *args)

    def log_sent_packet(self, *_packet: object, **_note: object) -> None:
        """Say nothing: preparing what nobody reads costs a twentieth of a connection."""

    def log_received_packet(self, *_packet: object, **_note: object) -> None:
        """Say nothing, as above."""


class _QuietLogger(SSHLogger):
    """asyncssh's logger without the steps that it tells to whoever debugs it, and prepares at every level."""

    def debug1(self, msg: str, *args: object, **kwargs: object) -> None:
        """Say nothing."""

    def debug2(self, msg: str, *args: object, **kwargs: object) -> None:
        """Say nothing."""

    def packet(self, pktid: int | None, packet: bytes, msg: str, *args: object, **kwargs: object) -> None:
        """Say nothing."""

    def info(self, msg: object, *args: object, **kwargs: object) -> None:
        """Say nothing."""


_LOGGER = _QuietLogger(logging.getLogger("asyncssh"))


class JoinedWrites(asyncio.Transport):
    """A transport that sends once what is written in one turn of the event loop.

    asyncssh writes every packet for itself, and a handshake has twenty; half of what one costs is the sending.
    """

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._waiting = bytearray()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send ``data`` at the end of this turn."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send)
        self._waiting += data

    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        """Send them all at the end of this turn."""
        for data in list_of_data:
            self.write(data)

    def get_extra_info(self, name: str, default: object = None) -> object:
        """What the real transport knows."""
        return self._inner.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._inner.is_closing()

    def close(self) -> None:
        """Send what waits, then close."""
        self._send()
        self._inner.close()

    def abort(self) -> None:
        """Hand over what waits, then close at once."""
        self._send()
        self._inner.abort()

    def pause_reading(self) -> None:
        """Take in nothing for now."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Take in what comes again."""
        self._inner.resume_reading()

    def _send(self) -> None:
        if self._waiting:
            data, self._waiting = self._waiting, bytearray()
            self._inner.write(data)
