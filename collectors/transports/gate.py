"""Whether a machine may be touched at all: asked before every connection, by everything that connects."""

from collections.abc import Callable
from typing import Protocol

from collectors.transports.base import CommandResult, Transport, TransportFailed
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean
from fleet.machines import Machine


class MachineGate(Protocol):
    """Who may be touched, by what somebody else decides."""

    async def refusal(self, machine: Machine) -> str | None:
        """Why ``machine`` may not be touched now, in a few words; None: it may. Never raises but for cancellation."""
        ...


class OpenGate:
    """A gate that lets everybody through, for who has no home: `ops.reach` never takes it."""

    async def refusal(self, machine: Machine) -> str | None:
        """Nothing stands against it."""
        del machine
        return None


async def admit(machine: Machine, gate: MachineGate) -> None:
    """Returns if ``machine`` may be touched now.

    Raises:
        TransportFailed: it may not; nothing was sent to it.
    """
    if (why := await gate.refusal(machine)) is not None:
        raise TransportFailed(refusal_of(machine, why))


def refusal_of(machine: Machine, why: str) -> Failure:
    """The failure of a machine that may not be touched for the reason ``why``."""
    came_back = f"outside the scope: {clean(why).rstrip('.')}."
    return Failure(
        FailureKind.OUT_OF_SCOPE, f"touching {machine.name}", came_back, f"See patchdeck scope preview {machine.name}"
    )


class GatedTransport:
    """A transport that asks ``gate`` before every run."""

    def __init__(self, transport: Transport, machine: Machine, gate: MachineGate) -> None:
        self._transport = transport
        self._machine = machine
        self._gate = gate

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        await admit(self._machine, self._gate)
        return await self._transport.run(
            script, deadline_seconds=deadline_seconds, max_output_bytes=max_output_bytes, on_output=on_output
        )

    async def close(self) -> None:
        """See `collectors.transports.base.Transport.close`."""
        await self._transport.close()
