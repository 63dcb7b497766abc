"""The address at which one peer takes connections: closed while its machine reboots, and the same one afterwards."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.winrm_peer.breaking import reset
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.faulty_answers import GARBAGE
from tests.winrm_peer.listening import HeldPort
from tests.winrm_peer.machine import PeerMachine

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_HANDSHAKE_SECONDS = 20.0


@dataclass(slots=True)
class Listener:
    """Takes connections at ``port`` for ``machine`` while that is up."""

    machine: PeerMachine
    port: HeldPort
    serve: Serve
    tls: ssl.SSLContext | None = None
    _open: socket.socket | None = None
    _accepting: asyncio.Task[None] | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def open(self) -> None:
        """Begins to take connections; called in the event loop."""
        if self._accepting is None:
            self._open = self.port.listen()
            self._accepting = asyncio.get_running_loop().create_task(self._accept(self._open))

    def close(self) -> None:
        """Takes no more connections, and breaks those that there are."""
        if self._accepting is not None and self._open is not None:
            self._accepting.cancel()
            self._open.close()
        self._accepting = self._open = None
        for task in self._tasks:
            task.cancel()

    async def release(self) -> None:
        """Closes for good: the port is anybody's again."""
        self.close()
        self.port.release()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            connected, _ = await loop.sock_accept(listening)
            task = loop.create_task(self._take(connected))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, connected: socket.socket) -> None:
        fault = self.machine.faults.take(Message.CONNECT)
        if fault is not None and fault.kind is not FaultKind.SLOW:
            self.machine.counters.faults[f"{fault.on}/{fault.kind}"] += 1
            await _refuse(fault.kind, connected)
            return
        if fault is not None:
            await asyncio.sleep(fault.seconds)
        made: asyncio.Future[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Future()
        reader = asyncio.StreamReader(limit=1_048_576)
        protocol = asyncio.StreamReaderProtocol(reader, lambda *streams: made.set_result(streams))
        more = {} if self.tls is None else {"ssl_handshake_timeout": _HANDSHAKE_SECONDS}
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, connected, ssl=self.tls, **more)
            streams = await made
            try:
                await self.serve(*streams)
            finally:
                streams[1].transport.abort()


async def _refuse(kind: FaultKind, connected: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    with connected, contextlib.suppress(OSError):
        if kind is FaultKind.HANG:
            while await loop.sock_recv(connected, 65536):
                pass
        if kind is FaultKind.GARBAGE:
            await loop.sock_recv(connected, 65536)
            await loop.sock_sendall(connected, GARBAGE)
        if kind is FaultKind.RESET:
            reset(connected)
