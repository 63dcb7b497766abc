"""Health gates: whether the next wave may begin, judged from what the machines of the last one showed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fleet.counts import share_of
from fleet.deployments.pulse import Pulse
from fleet.deployments.rollout import HealthGate
from fleet.deployments.runs import MachineRunStatus
from fleet.hostile import clean

_NOT_LOOKED_AT = (MachineRunStatus.UNREACHABLE, MachineRunStatus.NOT_STARTED, MachineRunStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class MachineHealth:
    """A machine of a wave after its soak time.

    ``before`` is its pulse before the run touched it, ``now`` that at the gate; None: it could not be looked at.
    ``broken`` are the lines of the gate's command and ports that do not hold, None: they could not be tried.
    """

    machine_name: str
    status: MachineRunStatus
    before: Pulse | None = None
    now: Pulse | None = None
    broken: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """``summary`` is one line with denominators; ``failures`` are the checks that do not hold, with evidence."""

    summary: str
    failures: tuple[str, ...]

    @property
    def has_passed(self) -> bool:
        """Whether everything holds."""
        return not self.failures


def judge_gate(gate: HealthGate, wave: Sequence[MachineHealth]) -> GateVerdict:
    """Whether ``gate`` holds after ``wave``.

    The success rate is of all machines of the wave. The other checks are of those that were begun and could be
    reached: an unreachable machine counts in the rate and in the failure budget. What could not be looked at on the
    others does not hold.
    """
    looked_at = [health for health in wave if health.status not in _NOT_LOOKED_AT]
    failures = (
        *_judge_rate(gate, wave),
        *(failure for health in looked_at for failure in _judge_machine(gate, health)),
    )
    summary = _count_successes(wave)
    if asks_machines(gate):
        ill = len({failure.partition(":")[0] for failure in failures} & {health.machine_name for health in looked_at})
        summary += f", {len(looked_at) - ill} of {len(looked_at)} looked at are well"
    return GateVerdict(summary, failures)


def asks_machines(gate: HealthGate) -> bool:
    """Whether the gate looks at machines, beside counting how they ended."""
    return gate.check_units or bool(gate.command or gate.tcp_ports)


def find_new_failures(before: Pulse | None, now: Pulse) -> tuple[str, ...]:
    """Units of systemd that failed since ``before``; all that failed where that is not known, none without systemd."""
    known = before.failed_units if before and before.failed_units else ()
    return tuple(unit for unit in now.failed_units or () if unit not in known)


def _judge_rate(gate: HealthGate, wave: Sequence[MachineHealth]) -> Iterator[str]:
    succeeded = _successes(wave)
    if wave and succeeded * 100 < Decimal(repr(gate.success_percent)) * len(wave):
        share = 100 * succeeded / len(wave)
        yield f"{_count_successes(wave)} ({share:.0f}%), {gate.success_percent:g}% are wanted"


def _judge_machine(gate: HealthGate, health: MachineHealth) -> Iterator[str]:
    if gate.check_units and health.now is None:
        yield f"{health.machine_name}: could not be looked at"
    elif gate.check_units and health.now is not None:
        for unit in find_new_failures(health.before, health.now):
            since = "newly failed" if health.before else "failed, since when is not known"
            yield f"{health.machine_name}: {clean(unit, 200)} {since}"
    if gate.command or gate.tcp_ports:
        if health.broken is None:
            yield f"{health.machine_name}: its checks could not be tried"
        else:
            yield from (f"{health.machine_name}: {clean(line, 500)}" for line in health.broken)


def _successes(wave: Sequence[MachineHealth]) -> int:
    return sum(health.status is MachineRunStatus.SUCCEEDED for health in wave)


def _count_successes(wave: Sequence[MachineHealth]) -> str:
    return f"{share_of(_successes(wave), len(wave))} succeeded"
