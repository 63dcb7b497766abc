"""Machines that count who touches them: a port on loopback that answers nonsense, and this machine itself."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from collectors.transports.base import CommandResult
from collectors.transports.local import LocalTransport


class CountingPort:
    """Counts who connects to it, and says something that no SSH client takes for a banner."""

    def __init__(self) -> None:
        self._accepted = 0
        self._own = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self._listening.getsockname()[1]
        return port

    @property
    def touches(self) -> int:
        """How often others connected, as far as they were let in."""
        return self._accepted - self._own

    def count_touches(self) -> int:
        """How often others connected: connections are let in in their order, so that after our own none is missed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as own:
            own.recv(1)
        self._own += 1
        return self.touches

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self._accepted += 1
            with connection:
                connection.sendall(b"220 nonsense ready\r\n" * 50)


@contextmanager
def counting_port() -> Iterator[CountingPort]:
    """A port, closed at the end."""
    port = CountingPort()
    try:
        yield port
    finally:
        port.close()


def count_local(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Has local machines answer nothing, and gives how often they were asked."""
    asked = []

    async def run(_self: LocalTransport, script: bytes, **_more: object) -> CommandResult:
        asked.append(script)
        return CommandResult(b"", b"", 0, 0.0)

    monkeypatch.setattr(LocalTransport, "run", run)
    return lambda: len(asked)
