"""Whether ports accept a connection."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `gate.ps1` does."""
    listening = machine.listening_ports
    ports = [{"port": port, "message": "" if port in listening else "nothing listens there"} for port in told["ports"]]
    say({"schema": 1, "ports": ports})
