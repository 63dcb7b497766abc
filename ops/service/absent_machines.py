"""Machines that were off when their deployment started, and may still be made up for."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Run, RunStatus
from fleet.deployments.schedule import MissedStart
from fleet.machines import Machine
from ops.state.deployments import DeploymentBook
from ops.state.machines import MachineBook
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook

# One that answers and is gone again when its run begins would have a run every few minutes.
_MOST_ABSENCES = 3


@dataclass(frozen=True, slots=True)
class Absence:
    """The machines that were off in ``run`` and in all that made up for it, until when they may have their turn."""

    run: Run
    machines: tuple[Machine, ...]
    until: datetime


def find_absences(connection: sqlite3.Connection, now: datetime) -> list[Absence]:
    """What is to be made up for now.

    Only of the last start of a deployment, and only where it is enabled and its policy still allows a start. While a
    run of it is open, nothing is; nor after one that was cancelled.
    """
    deployments = (stored.deployment for stored in DeploymentBook(connection).list())
    return [absence for each in deployments for absence in _absences_of(connection, each, now)]


def _absences_of(connection: sqlite3.Connection, deployment: Deployment, now: datetime) -> Iterator[Absence]:
    schedule = deployment.schedule
    if not deployment.enabled or schedule is None or schedule.missed is not MissedStart.RUN_WITHIN:
        return
    start = ScheduleBook(connection).last_run_made(deployment.name)
    until = start.due_at + timedelta(hours=schedule.missed_within_hours) if start else now
    if start is None or until <= now:
        return
    runs = _runs_of_start(RunBook(connection), deployment.name, start.run_id)
    if not runs or any(not run.status.is_over or run.status is RunStatus.CANCELLED for run in runs):
        return
    machines = _absent_machines(connection, runs)
    if machines:
        yield Absence(runs[0], machines, until)


def _runs_of_start(book: RunBook, deployment: str, run_id: str) -> Sequence[Run]:
    """The run that a start made and those that made up for it, oldest first."""
    ours = [run for run in book.list(deployment) if run_id in (run.id, run.makes_up_for)]
    return sorted(ours, key=lambda run: (run.makes_up_for != "", run.requested_at, run.id))


def _absent_machines(connection: sqlite3.Connection, runs: Sequence[Run]) -> tuple[Machine, ...]:
    """Those whose last record says that they were off, that are still enabled, and that no run works on."""
    book = RunBook(connection)
    records = [record for run in runs for record in book.machines(run.id)]
    absences = Counter(record.machine_id for record in records if record.was_absent)
    last = {record.machine_id: record for record in records if absences[record.machine_id] <= _MOST_ABSENCES}
    known = MachineBook(connection).with_ids([id_ for id_, record in last.items() if record.was_absent])
    claimed = ScheduleBook(connection).claimed_machines()
    return tuple(machine for id_, machine in known.items() if machine.enabled and id_ not in claimed)
