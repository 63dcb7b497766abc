"""Where a peer is reached."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.winrm_peer.machine import PeerMachine


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How a client reaches a peer. ``ca_file`` is what its ``certificate`` (PEM) is checked against."""

    machine: PeerMachine
    scheme: str
    address: str
    port: int
    ca_file: Path | None = None
    certificate: str = ""

    @property
    def url(self) -> str:
        """What pywinrm is told."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.scheme}://{host}:{self.port}/wsman"


class DefaultShell(StrEnum):
    """What OpenSSH on Windows hands command lines to."""

    CMD = "cmd"
    POWERSHELL = "powershell"


@dataclass(frozen=True, slots=True)
class SshEndpoint:
    """How a client reaches a peer by SSH. ``host_key`` is its public key, as known_hosts has it behind the name."""

    machine: PeerMachine
    address: str
    port: int
    host_key: str
