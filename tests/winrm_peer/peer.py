"""Many peers in one process: an event loop in a thread of its own, a port for each machine."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from tests.winrm_peer.certificates import Authority, CertificateKind
from tests.winrm_peer.endpoint import DefaultShell, Endpoint, SshEndpoint
from tests.winrm_peer.listening import HeldPort
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.serving import Face, Follower, WinrmFace

_SECONDS = 30.0


@dataclass(slots=True)
class WinrmPeer:
    """A process's peers: ``with WinrmPeer() as peer: endpoint = peer.add(PeerMachine(), "https")``."""

    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: threading.Thread | None = None
    _followers: list[Follower] = field(default_factory=list)
    _authority: Authority | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._loop.run_forever, name="winrm-peer", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._stop_all(), self._loop).result(_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        assert self._thread is not None
        self._thread.join(_SECONDS)
        self._loop.close()
        if self._authority is not None:
            self._authority.remove()

    @property
    def authority(self) -> Authority:
        """What signs the certificates of its machines; made when it is first asked for."""
        if self._authority is None:
            self._authority = Authority.make()
        return self._authority

    def add(
        self,
        machine: PeerMachine | None = None,
        scheme: str = "http",
        address: str = "127.0.0.1",
        kind: CertificateKind = CertificateKind.SIGNED,
    ) -> Endpoint:
        """Lets ``machine`` be reached by WinRM at a port of its own."""
        machine = machine or PeerMachine()
        is_tls = scheme == "https"
        issued = self.authority.issue(machine.name, address, kind) if is_tls else None
        port = HeldPort.take(address)
        context = issued.server_context() if issued else None
        self._follow(machine, lambda: WinrmFace(machine, port, context))
        ca_file = self.authority.file if is_tls else None
        return Endpoint(machine, scheme, address, port.number, ca_file, issued.certificate if issued else "")

    def add_ssh(
        self, machine: PeerMachine | None = None, address: str = "127.0.0.1", shell: DefaultShell = DefaultShell.CMD
    ) -> SshEndpoint:
        """Lets ``machine`` be reached by OpenSSH at a port of its own."""
        from tests.winrm_peer.openssh import SshFace, make_host_key

        machine = machine or PeerMachine()
        port, key = HeldPort.take(address), make_host_key()
        self._follow(machine, lambda: SshFace(machine, port, key, shell))
        return SshEndpoint(machine, address, port.number, key.export_public_key().decode("ascii").strip())

    def _follow(self, machine: PeerMachine, make: Callable[[], Face]) -> None:
        async def begin() -> Follower:
            follower = Follower(machine, make())
            follower.look()
            return follower

        follower = asyncio.run_coroutine_threadsafe(begin(), self._loop).result(_SECONDS)
        self._followers.append(follower)

        async def follow() -> None:
            follower.look()

        def look() -> None:
            if self._loop.is_closed():
                return
            if threading.current_thread() is self._thread:
                self._loop.call_soon(follower.look)
            else:
                # A test that reboots a machine, or pushes its clock, finds it so afterwards.
                asyncio.run_coroutine_threadsafe(follow(), self._loop).result(_SECONDS)

        machine.when_changed(look)
        machine.clock.listen(look)

    async def _stop_all(self) -> None:
        await asyncio.gather(*(follower.stop() for follower in self._followers))
