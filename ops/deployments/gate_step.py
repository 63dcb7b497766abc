"""The health gate between two waves: soak, look at the machines of the wave that ended, judge."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from collectors.transports.base import TransportFailed
from fleet.deployments.gates import GateVerdict, MachineHealth, asks_machines, judge_gate
from fleet.deployments.pulse import Pulse
from fleet.deployments.runs import MachineRunStatus, RunStep
from fleet.machines import Machine
from ops.deployments.context import StepRecord
from ops.deployments.events import GateFailed, GatePassed, RunWaits
from ops.deployments.run_desk import RunDesk
from ops.state.runs import JournalPhase

_AT_ONCE = 32
_TRIES = 3
_RETRY_SECONDS = 10.0
_PROBE_SECONDS = 60
_NOT_BEGUN = (MachineRunStatus.NOT_STARTED, MachineRunStatus.UNREACHABLE, MachineRunStatus.CANCELLED)


async def pass_gate(desk: RunDesk, number: int, machines: Sequence[Machine], known: StepRecord) -> str:
    """Why no further wave may begin after the wave with that number, in one line; empty if the gate holds.

    ``known`` is what the journal says of the step at this wave.
    """
    gate, clock = desk.context.deployment.rollout.gate, desk.context.clock
    if known.is_over:
        return str(known.detail.get("error", ""))
    began_at = known.began_at or clock()
    if known.began_at is None:
        await desk.write(RunStep.GATE, JournalPhase.BEGIN, {"wave": number})
    until = began_at + timedelta(minutes=gate.soak_minutes)
    if until > clock():
        desk.context.tell(RunWaits(clock(), f"Wave {number + 1} soaks.", until))
        while not desk.is_halted and (left := (until - clock()).total_seconds()) > 0:
            await desk.wait_for_change(min(left, 30.0))
    if desk.is_halted:
        return ""
    verdict = await _judge(desk, machines)
    error = f"the gate after wave {number + 1} does not hold: {'; '.join(verdict.failures)}" if verdict.failures else ""
    await desk.write(RunStep.GATE, JournalPhase.END, {"wave": number, "error": error, "summary": verdict.summary})
    desk.context.tell(GateFailed(clock(), number, verdict.failures) if error else GatePassed(clock(), number))
    return error


async def _judge(desk: RunDesk, machines: Sequence[Machine]) -> GateVerdict:
    bound = asyncio.Semaphore(_AT_ONCE)

    async def look(machine: Machine) -> MachineHealth:
        async with bound:
            return await _look(desk, machine)

    healths = await asyncio.gather(*(look(machine) for machine in machines))
    return judge_gate(desk.context.deployment.rollout.gate, healths)


async def _look(desk: RunDesk, machine: Machine) -> MachineHealth:
    gate, record = desk.context.deployment.rollout.gate, desk.records[machine.id]
    before = record.pulse_before
    now: Pulse | None = None
    broken: tuple[str, ...] | None = None
    if not asks_machines(gate) or record.status in _NOT_BEGUN:
        return MachineHealth(machine.name, record.status, before)
    worker = desk.context.make_worker(machine)
    try:
        for attempt in range(_TRIES):
            await asyncio.sleep(_RETRY_SECONDS if attempt else 0)
            try:
                now = await worker.look() if gate.check_units else None
                if gate.command or gate.tcp_ports:
                    broken = await worker.probe(gate.command, gate.tcp_ports, timeout_seconds=_PROBE_SECONDS)
                break
            except TransportFailed:
                continue
    finally:
        await worker.close()
    return MachineHealth(machine.name, record.status, before, now, broken)
