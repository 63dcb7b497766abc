"""A way to a peer without a wire: its scripts answer at once; what goes wrong on the way is told per request."""

from collections.abc import Callable
from dataclasses import dataclass, field

from collectors.transports.base import CommandResult, TransportFailed, clean_failure
from fleet.failures import FailureKind
from tests.winrm_peer.execution import run_payload
from tests.winrm_peer.machine import PeerMachine


@dataclass
class PeerTransport:
    """A `collectors.transports.base.Transport`. ``lost_before`` and ``lost_after`` have the numbers of the requests
    (from 1) whose connection is lost before the machine heard them, or before it was heard.

    ``push_seconds`` is by how much the machine's clock goes on before each request.
    """

    machine: PeerMachine
    push_seconds: float = 0.0
    lost_before: set[int] = field(default_factory=set)
    lost_after: set[int] = field(default_factory=set)
    asked: int = 0
    user: str = ""
    spoil: Callable[[bytes], bytes] = lambda output: output

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """What the peer answers."""
        del deadline_seconds, max_output_bytes, on_output
        self.asked += 1
        self.machine.clock.push(self.push_seconds)
        self.machine.settle()
        if self.asked in self.lost_before or not self.machine.is_up:
            raise _lost()
        execution = run_payload(self.machine, script, self.user)
        if self.asked in self.lost_after:
            raise _lost()
        told = {
            name: b"".join(p.content for p in execution.pieces if p.stream == name) for name in ("stdout", "stderr")
        }
        return CommandResult(self.spoil(told["stdout"]), told["stderr"], execution.exit_code, 0.1)

    async def close(self) -> None:
        """Nothing stays open."""


def _lost() -> TransportFailed:
    return TransportFailed(clean_failure(FailureKind.CONNECTION_LOST, "WinRM", "the connection was lost", "", 0.1))
