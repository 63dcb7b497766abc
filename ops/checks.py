"""Readiness checks of machines: judged on one fresh assessment, or on the last one that is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.readiness import Check, CheckResult, Reading, judge_all
from fleet.status import MachineStatus


@dataclass(frozen=True, slots=True)
class MachineChecks:
    """The results of one machine, in the order of the checks; none where it was never assessed."""

    machine: Machine
    results: tuple[CheckResult, ...]


def check_assessments(
    machines: Sequence[Machine], assessments: Iterable[Assessment], checks: Sequence[Check]
) -> list[MachineChecks]:
    """The checks of every one of ``machines`` that ``assessments`` are of, in their order."""
    said = {assessment.machine_id: assessment for assessment in assessments}
    return [
        MachineChecks(machine, judge_all(Reading.of(machine, said[machine.id]), checks))
        for machine in machines
        if machine.id in said
    ]


def check_status(status: MachineStatus) -> MachineChecks:
    """The checks of a machine by the last attempt to assess it."""
    if status.last_attempt is None:
        return MachineChecks(status.machine, ())
    return MachineChecks(status.machine, judge_all(Reading.of(status.machine, status.last_attempt)))
