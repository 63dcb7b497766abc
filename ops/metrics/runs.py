"""The metrics of deployments and their runs. Runs that are over are counted once, however often this is asked."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from fleet import metric_catalogue as catalogue
from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import next_start
from fleet.deployments.runs import MachineRunStatus, Run, RunStatus
from fleet.errors import BadInput
from fleet.metrics import Family, Samples, only
from ops.approvals.standing import approval_of_run
from ops.config import Settings
from ops.deployments.overview import blackouts_of
from ops.state.deployments import DeploymentBook
from ops.state.run_history import RunHistory
from ops.state.runs import RunBook

MOST_DEPLOYMENTS = 200
_OVER = tuple(status for status in RunStatus if status.is_over)
_OPEN = tuple(status for status in RunStatus if not status.is_over)


class RunMemory:
    """Keeps what was counted of the runs of one home that are over. For one thread at a time."""

    def __init__(self) -> None:
        self._counted: set[str] = set()
        self._machines: Counter[MachineRunStatus] = Counter()

    def families(self, connection: sqlite3.Connection, settings: Settings, now: datetime) -> Iterator[Family]:
        """The metrics of runs and of deployments at ``now``."""
        ids = _ids_by_status(connection)
        yield Family(catalogue.RUNS_OPEN, {(status.value,): len(ids[status]) for status in _OPEN})
        yield Family(catalogue.RUNS_OVER, {(status.value,): len(ids[status]) for status in _OVER})
        yield only(catalogue.RUNS_UNAPPROVED, _count_unapproved(connection, settings, now))
        in_work = _count_machines(connection, [each for status in _OPEN for each in ids[status]])
        yield Family(catalogue.MACHINE_RUNS_OPEN, {(status.value,): in_work[status] for status in MachineRunStatus})
        new = [each for status in _OVER for each in ids[status] if each not in self._counted]
        self._machines += _count_machines(connection, new)
        self._counted.update(new)
        over = self._machines
        yield Family(catalogue.MACHINE_RUNS_OVER, {(status.value,): over[status] for status in MachineRunStatus})
        yield from _starts(connection)
        yield from _deployments(connection, now)


def _ids_by_status(connection: sqlite3.Connection) -> dict[RunStatus, list[str]]:
    ids: dict[RunStatus, list[str]] = {status: [] for status in RunStatus}
    for run_id, status in connection.execute("SELECT id, status FROM runs"):
        ids[RunStatus(status)].append(run_id)
    return ids


def _count_unapproved(connection: sqlite3.Connection, settings: Settings, now: datetime) -> int:
    runs = RunBook(connection).list(statuses=_OPEN)
    approvals = (approval_of_run(connection, run, settings, now) for run in runs)
    return sum(1 for approval in approvals if approval is not None and not approval.is_enough)


def _count_machines(connection: sqlite3.Connection, run_ids: Sequence[str]) -> Counter[MachineRunStatus]:
    counts: Counter[MachineRunStatus] = Counter()
    if run_ids:
        for each in RunHistory(connection).count_machines(run_ids).values():
            counts.update(each)
    return counts


def _starts(connection: sqlite3.Connection) -> Iterator[Family]:
    rows = connection.execute("SELECT iif(run_id <> '', 'made', 'skipped') AS outcome, count(*) FROM starts GROUP BY 1")
    counts = {"made": 0, "skipped": 0, **dict(rows.fetchall())}
    yield Family(catalogue.STARTS, {(outcome,): count for outcome, count in counts.items()})


def _deployments(connection: sqlite3.Connection, now: datetime) -> Iterator[Family]:
    stored = DeploymentBook(connection).list()
    deployments = [each.deployment for each in stored[:MOST_DEPLOYMENTS]]
    yield Family(catalogue.DEPLOYMENT_ENABLED, {(each.name,): int(each.enabled) for each in deployments})
    starts = ((each.name, _next_start(each, now)) for each in deployments)
    yield Family(catalogue.DEPLOYMENT_NEXT_START, {(name,): at.timestamp() for name, at in starts if at is not None})
    last = [run for each in deployments if (run := _last_over(connection, each.name)) is not None]
    ended: Samples = {(run.deployment.name,): run.ended_at.timestamp() for run in last if run.ended_at is not None}
    yield Family(catalogue.DEPLOYMENT_LAST_ENDED, ended)
    succeeded: Samples = {(run.deployment.name,): int(run.status is RunStatus.SUCCEEDED) for run in last}
    yield Family(catalogue.DEPLOYMENT_LAST_SUCCEEDED, succeeded)
    counts = RunHistory(connection).count_machines([run.id for run in last])
    machines: Samples = {
        (run.deployment.name, status.value): counts.get(run.id, {}).get(status, 0)
        for run in last
        for status in MachineRunStatus
    }
    yield Family(catalogue.DEPLOYMENT_LAST_MACHINES, machines)
    yield Family(catalogue.LEFT_OUT, {("deployments",): max(0, len(stored) - MOST_DEPLOYMENTS)})


def _next_start(deployment: Deployment, now: datetime) -> datetime | None:
    if deployment.schedule is None or not deployment.enabled:
        return None
    try:
        start = next_start(deployment.schedule, blackouts_of(deployment), now)
    except BadInput:  # a calendar that cannot be read starts nothing, and is a trouble of the service
        return None
    return start.at if start is not None else None


def _last_over(connection: sqlite3.Connection, name: str) -> Run | None:
    return next(iter(RunBook(connection).list(name, _OVER, limit=1)), None)
