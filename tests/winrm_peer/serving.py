"""What answers for one machine at one port: it goes down with its machine, and comes back with it."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Protocol

from tests.winrm_peer.connection import Connection
from tests.winrm_peer.listener import Listener
from tests.winrm_peer.listening import HeldPort
from tests.winrm_peer.login import Login
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.service import WsmanService


class Face(Protocol):
    """One way to a machine. All of it is called in the peer's event loop."""

    def open(self) -> None:
        """Takes connections, if it does not yet."""

    def close(self) -> None:
        """Takes none any more, and loses those that there are, with all that was kept for them."""

    def wake(self) -> None:
        """Has those who wait for output look again."""

    async def release(self) -> None:
        """Ends for good."""


@dataclass(slots=True)
class Follower:
    """Has a face follow its machine."""

    machine: PeerMachine
    face: Face
    _boots: int = field(init=False)
    _due: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self._boots = self.machine.boots

    def look(self) -> None:
        """Goes down and up with the machine, and looks again when something is due there."""
        self.machine.settle()
        if self._boots != self.machine.boots:
            self._boots = self.machine.boots
            self.face.close()
        if self.machine.is_up:
            self.face.open()
        self.face.wake()
        self._look_again()

    async def stop(self) -> None:
        """Ends it for good, with whatever is connected."""
        if self._due is not None:
            self._due.cancel()
        await self.face.release()

    def _look_again(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        due = self.machine.next_change()
        if due is not None:
            wait = max(0.0, due - self.machine.clock.seconds()) + 0.001
            self._due = asyncio.get_running_loop().call_later(wait, self.look)


class WinrmFace:
    """WinRM of a machine: a listener, and the service behind it."""

    def __init__(self, machine: PeerMachine, port: HeldPort, tls: ssl.SSLContext | None) -> None:
        self._machine = machine
        self._tls = tls
        self._service = WsmanService(machine)
        self._listener = Listener(machine, port, self._serve, tls)

    def open(self) -> None:
        """Takes connections."""
        self._listener.open()

    def close(self) -> None:
        """Loses connections and shells."""
        self._service.forget_all()
        self._listener.close()

    def wake(self) -> None:
        """Has Receive look again."""
        self._service.wake()

    async def release(self) -> None:
        """Gives the port back."""
        await self._listener.release()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        login = Login(self._machine, self._tls is not None, _name_in(writer.get_extra_info("peercert") or {}))
        await Connection(self._machine, self._service, login, reader, writer).serve()


def _name_in(certificate: dict[str, object]) -> str:
    """The user whom a client's certificate names: the common name of its subject."""
    subject = certificate.get("subject") or ()
    assert isinstance(subject, tuple)
    return next((value for part in subject for name, value in part if name == "commonName"), "")
