"""Runs and their machines as they stood at an earlier instant, by the times that they bear themselves. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from fleet.deployments.runs import Intervention, MachineRun, MachineRunStatus, Run, RunStatus, RunStep

_PAUSING = {"pause": RunStatus.PAUSED, "resume": RunStatus.IN_PROGRESS}


def run_at(run: Run, at: datetime, interventions: Iterable[Intervention] = ()) -> Run | None:
    """``run`` as it stood at ``at``; None where nobody had asked for it. ``interventions`` are those of the run."""
    if run.requested_at > at:
        return None
    if run.status.is_over and (run.ended_at is None or run.ended_at <= at):
        return run
    if run.started_at is None or run.started_at > at:
        return replace(
            run, status=RunStatus.WAITING, started_at=None, ended_at=None, note="", plan_hash="", approved_by=()
        )
    status = RunStatus.IN_PROGRESS
    for each in sorted(interventions, key=lambda each: each.at):
        if each.at <= at:
            status = _PAUSING.get(each.deed, status)
    return replace(run, status=status, ended_at=None, note="")


def machine_run_at(machine: MachineRun, at: datetime, step: RunStep | None = None) -> MachineRun:
    """``machine`` as it stood at ``at``; ``step`` is the last one that had begun, where that is known.

    What came of its steps is known once it is over; of one in work, only that it is.
    """
    if machine.ended_at is not None and machine.ended_at <= at:
        return machine
    blank = MachineRun(machine.run_id, machine.machine_id, machine.machine_name, machine.wave)
    if machine.started_at is None or machine.started_at > at:
        return blank
    return replace(
        blank,
        status=MachineRunStatus.IN_PROGRESS,
        step=step,
        started_at=machine.started_at,
        pulse_before=machine.pulse_before,
        job_id=machine.job_id,
    )


def machines_at(machines: Iterable[MachineRun], at: datetime, steps: Mapping[str, RunStep]) -> Sequence[MachineRun]:
    """Each of ``machines`` as it stood; ``steps`` by its id."""
    return [machine_run_at(machine, at, steps.get(machine.machine_id)) for machine in machines]
