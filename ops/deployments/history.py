"""What became of runs: listed, looked at whole, and by machine. All of it is read from state.db."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fleet.approvals import Standing
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Intervention, MachineRun, MachineRunStatus, Run, RunStatus
from fleet.errors import UnknownName
from fleet.name_lists import some_of
from fleet.targets import select_machines
from ops.approvals.standing import approval_of_run
from ops.config import load_settings
from ops.groups import group_members
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.deployments import DeploymentBook
from ops.state.machine_names import holders_of, ids_known_as
from ops.state.machines import MachineBook
from ops.state.run_history import RunHistory
from ops.state.runs import RunBook, RunRequest

OPEN_STATUSES = tuple(status for status in RunStatus if not status.is_over)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, and how many of its machines stand where; no counts while its machines are not known yet."""

    run: Run
    counts: Mapping[MachineRunStatus, int]

    @property
    def machines(self) -> int:
        """How many machines it has."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class RunView:
    """A run whole: its machines in the order of its waves, its plan, what is asked of it and not done yet.

    ``approval`` is what a run that has not begun has of the approvals that it needs, None where it needs none.
    ``interventions`` are what was asked of it and done.
    """

    run: Run
    machines: Sequence[MachineRun]
    plan: Plan | None
    requests: Sequence[RunRequest]
    approval: Standing | None = None
    interventions: Sequence[Intervention] = ()


@dataclass(frozen=True, slots=True)
class MachineHistory:
    """What a machine went through in one run."""

    run: Run
    machine_run: MachineRun


def list_runs(
    home: Home,
    deployment: str | None = None,
    statuses: Iterable[RunStatus] | None = None,
    limit: int | None = None,
) -> list[RunSummary]:
    """The runs by when their windows open, latest first.

    Raises:
        UnknownName: there is no such deployment, and no run of one that was removed.
    """
    with opened(home.state_file) as connection:
        book = RunBook(connection)
        runs = book.list(deployment, statuses, limit)
        if deployment is not None and not runs and not book.list(deployment, limit=1):
            _require_deployment(connection, deployment)
        counts = RunHistory(connection).count_machines([run.id for run in runs])
    return [RunSummary(run, counts.get(run.id, {})) for run in runs]


def summarise_run(home: Home, text: str) -> RunSummary:
    """The run that ``text`` means (see `view_run`), with its counts.

    Raises:
        UnknownName, BadInput: as `view_run`.
    """
    with opened(home.state_file) as connection:
        run = RunBook(connection).find(text)
        return RunSummary(run, RunHistory(connection).count_machines([run.id]).get(run.id, {}))


def view_run(home: Home, text: str) -> RunView:
    """The run that ``text`` means: its id, the beginning of it, or the name of a deployment for its last run.

    Raises:
        UnknownName: there is none.
        BadInput: several ids begin so.
    """
    with opened(home.state_file) as connection:
        book = RunBook(connection)
        run = book.find(text)
        return RunView(
            run,
            book.machines(run.id),
            book.plan_of(run.id),
            book.open_requests(run.id),
            approval_of_run(connection, run, load_settings(home), utc_now()),
            RunHistory(connection).interventions(run.id),
        )


def find_run(home: Home, text: str) -> Run:
    """As `view_run`, without its machines."""
    with opened(home.state_file) as connection:
        return RunBook(connection).find(text)


def machine_called(view: RunView, name: str) -> MachineRun:
    """The machine of the run called ``name``, whatever the case.

    Raises:
        UnknownName: none of the run's machines is.
    """
    by_name = {machine.machine_name.casefold(): machine for machine in view.machines}
    if name.casefold() not in by_name:
        raise UnknownName("machine of the run", name, [machine.machine_name for machine in view.machines])
    return by_name[name.casefold()]


def history_of_machines(
    home: Home, targets: Sequence[str], deployment: str | None = None, limit: int | None = None
) -> list[MachineHistory]:
    """What the machines of ``targets`` went through, latest first, under whatever names they had.

    A machine is also found by its id, and by a name that no machine has now: by one that it had before, also where it
    is retired or removed. A name that is in use means the machine that has it, and never an earlier one.

    Raises:
        UnknownName: a target that no machine fits, now or in any run; there is no such deployment.
        BadInput: a target of a kind that does not exist.
    """
    with opened(home.state_file) as connection:
        ids = _ids_of(home, connection, targets)
        found = RunHistory(connection).of_machines(ids, deployment, limit)
        if deployment is not None and not found and not RunBook(connection).list(deployment, limit=1):
            _require_deployment(connection, deployment)
    return [MachineHistory(run, machine_run) for run, machine_run in found]


def earlier_holders(home: Home, targets: Sequence[str]) -> list[str]:
    """A sentence for each of ``targets`` that is a name which other machines had too: whose runs are shown, or not."""
    said = []
    with opened(home.state_file) as connection:
        by_name = {machine.name: machine.id for machine in MachineBook(connection).list_machines()}
        for target in targets:
            shown = by_name.get(target)
            others = dict.fromkeys(p.machine_id for p in holders_of(connection, target) if p.machine_id != shown)
            if shown and others:
                said.append(f"Not shown: what other machines went through as {target}: {some_of(others)}.")
            elif len(others) > 1:
                said.append(f"{target} was the name of {len(others)} machines: {some_of(others)}.")
    return said


def _ids_of(home: Home, connection: sqlite3.Connection, targets: Sequence[str]) -> list[str]:
    groups = group_members(home)
    machines = MachineBook(connection).list_machines()
    ids: dict[str, None] = {}
    for target in targets:
        try:
            found: Sequence[str] = [machine.id for machine in select_machines([target], machines, groups)]
        except UnknownName:
            found = ids_known_as(connection, target) or RunHistory(connection).ids_called(target)
            if not found:
                raise
        ids |= dict.fromkeys(found)
    return list(ids)


def _require_deployment(connection: sqlite3.Connection, name: str) -> None:
    DeploymentBook(connection).find(name)
