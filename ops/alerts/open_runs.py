"""Runs that are not over, for rules that name such a status: the tables have only those that are."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from fleet.alerts.rule import AlertRule, RuleKind
from fleet.deployments.runs import MachineRunStatus, Run, RunStatus
from ops.alerts.measuring import OpenRows, Row
from ops.home import Home
from ops.state.database import opened
from ops.state.runs import RunBook

_OPEN = tuple(status for status in RunStatus if not status.is_over)


def open_rows_of(home: Home) -> OpenRows:
    """Finds the runs of ``home`` that a rule's signal names and that go on now. How far back its window goes does not
    matter: they are there now.
    """

    def find(rule: AlertRule) -> Sequence[Row]:
        wanted = set(rule.signal.statuses)
        if rule.kind is RuleKind.DEPLOYMENT_RUNS:
            statuses = [status for status in _OPEN if status.value in wanted]
            return [_run_row(run) for run in _runs(home, rule, statuses)] if statuses else []
        if MachineRunStatus.IN_PROGRESS.value not in wanted:
            return []
        return [row for run in _runs(home, rule, _OPEN) for row in _machine_rows(home, rule, run)]

    return find


def _runs(home: Home, rule: AlertRule, statuses: Sequence[RunStatus]) -> Sequence[Run]:
    with opened(home.state_file) as connection:
        runs = RunBook(connection).list(statuses=statuses)
    mask = rule.signal.deployment.casefold()
    fitting = [run for run in runs if fnmatchcase(run.deployment.name.casefold(), mask)]
    return [run for run in fitting if fnmatchcase(run.id, rule.signal.run)]


def _run_row(run: Run) -> Row:
    return (run.deployment.name, run.status.value, "", run.id, run.started_at or run.opens_at, run.note)


def _machine_rows(home: Home, rule: AlertRule, run: Run) -> Sequence[Row]:
    with opened(home.state_file) as connection:
        machines = RunBook(connection).machines(run.id)
    mask = rule.signal.machine.casefold()
    return [
        (run.deployment.name, each.status.value, each.machine_name, run.id, each.started_at or run.opens_at, "")
        for each in machines
        if each.status is MachineRunStatus.IN_PROGRESS and fnmatchcase(each.machine_name.casefold(), mask)
    ]
