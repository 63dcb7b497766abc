"""Runs as they stood at an earlier instant, from what state.db and the runs' own folders keep of them."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fleet.deployments.run_past import machines_at, run_at
from fleet.deployments.runs import MachineRun, Run, RunStep
from fleet.errors import BadInput, UnknownName
from fleet.instants import instant_text
from ops.deployments.events import RunEvent
from ops.deployments.folder import read_events, run_folder
from ops.deployments.history import MachineHistory, RunSummary, RunView, history_of_machines
from ops.deployments.run_watch import RunLook
from ops.home import Home
from ops.state.database import opened
from ops.state.past_deployments import deployments_at
from ops.state.run_history import RunHistory
from ops.state.runs import JournalPhase, RunBook

_ASKED_BY_THEN = """
SELECT id FROM runs
WHERE (?1 IS NULL OR deployment = ?1) AND json_extract(document, '$.requested_at') <= ?2
ORDER BY opens_at DESC, id DESC LIMIT ?3
"""


def list_runs_at(home: Home, at: datetime, deployment: str | None = None, limit: int | None = None) -> list[RunSummary]:
    """The runs that had been asked for by ``at``, as they stood then, by when their windows open, the latest first."""
    with opened(home.state_file) as connection:
        values = (deployment, at.astimezone(UTC).isoformat(), -1 if limit is None else limit)
        ids = [run_id for (run_id,) in connection.execute(_ASKED_BY_THEN, values)]
        counts = RunHistory(connection).count_machines(ids)
        found = []
        for stored in (RunBook(connection).find(run_id) for run_id in ids):
            run = _run_at(connection, stored, at)
            if run == stored:
                found.append(RunSummary(run, counts.get(run.id, {})))
            elif run is not None:
                tally = Counter(each.status for each in machines_of_run_at(connection, run, at))
                found.append(RunSummary(run, tally))
    return found


def require_deployment_at(home: Home, name: str, at: datetime) -> None:
    """Let pass whoever asks for runs of a deployment that there was at ``at``, or that had a run by then.

    Raises:
        UnknownName: there was no such deployment.
    """
    if list_runs_at(home, at, name, 1):
        return
    with opened(home.state_file) as connection:
        known = [each.name for each in deployments_at(connection, at)]
    if name.casefold() not in (each.casefold() for each in known):
        raise UnknownName("deployment", name, known)


def machine_history_at(home: Home, machine_id: str, at: datetime, limit: int | None = None) -> list[MachineHistory]:
    """What the machine had gone through by ``at``, the latest first; no run of which nobody knew its machines yet."""
    with opened(home.state_file) as connection:
        known = RunHistory(connection).of_machines([machine_id])
        found = []
        for stored, _ in known:
            run = _run_at(connection, stored, at)
            if run is not None:
                machines = machines_of_run_at(connection, run, at)
                found += [MachineHistory(run, each) for each in machines if each.machine_id == machine_id]
    return found[:limit]


def history_of_machines_at(
    home: Home, targets: Sequence[str], at: datetime, deployment: str | None = None, limit: int | None = None
) -> list[MachineHistory]:
    """As `ops.deployments.history.history_of_machines`, as it stood at ``at``.

    Raises:
        UnknownName: a target that no machine fits, now or in any run; there is no such deployment.
        BadInput: a target of a kind that does not exist.
    """
    known = history_of_machines(home, targets, deployment)
    ids = dict.fromkeys(each.machine_run.machine_id for each in known)
    then = {(each.run.id, key): each for key in ids for each in machine_history_at(home, key, at)}
    keys = [(each.run.id, each.machine_run.machine_id) for each in known]
    return [then[key] for key in keys if key in then][:limit]


def look_at_run(home: Home, run_id: str, at: datetime) -> RunLook:
    """The run as it stood at ``at``, with every event until then.

    Raises:
        UnknownName: there is no such run.
        BadInput: nobody had asked for it yet.
    """
    with opened(home.state_file) as connection:
        run = _find_run(connection, run_id, at)
        machines = machines_of_run_at(connection, run, at)
    return RunLook(run, machines, (), events_until(home, run_id, at))


def view_run_at(home: Home, text: str, at: datetime) -> RunView:
    """As `ops.deployments.history.view_run`, as the run stood at ``at``; without what it waited for.

    Raises:
        UnknownName: there is no such run.
        BadInput: several ids begin so; nobody had asked for it yet.
    """
    with opened(home.state_file) as connection:
        run = _find_run(connection, text, at)
        plan = RunBook(connection).plan_of(run.id) if _is_planned(run) else None
        done = [each for each in RunHistory(connection).interventions(run.id) if each.at <= at]
        return RunView(run, machines_of_run_at(connection, run, at), plan, (), None, done)


def events_until(home: Home, run_id: str, at: datetime) -> list[RunEvent]:
    """The events of the run up to ``at``."""
    return [event for event in read_events(run_folder(home, run_id))[0] if event.at <= at]


def _find_run(connection: sqlite3.Connection, text: str, at: datetime) -> Run:
    stored = RunBook(connection).find(text)
    run = _run_at(connection, stored, at)
    if run is None:
        raise BadInput(f"The run {stored.id} was asked for later, at {instant_text(stored.requested_at)}.")
    return run


def _run_at(connection: sqlite3.Connection, run: Run, at: datetime) -> Run | None:
    then = run_at(run, at, RunHistory(connection).interventions(run.id) if run.started_at else ())
    if then is None or _is_planned(then) or not run.plan_hash:
        return then
    # It waits for approvals or downloads ahead with a plan that was frozen before it begins.
    plan = RunBook(connection).plan_of(run.id)
    return replace(then, plan_hash=plan.hash) if plan is not None and plan.made_at <= at else then


def _is_planned(run: Run) -> bool:
    """Whether its plan is frozen, so that it is known which machines it is about."""
    return run.started_at is not None or bool(run.plan_hash)


def machines_of_run_at(connection: sqlite3.Connection, run: Run, at: datetime) -> Sequence[MachineRun]:
    """The machines of ``run`` as they stood at ``at``; none before the plan was frozen: nobody knew which they are."""
    book = RunBook(connection)
    if not _is_planned(run):
        return ()
    steps: dict[str, RunStep] = {}
    for entry in book.journal(run.id):
        if entry.at <= at and entry.machine_id and entry.phase is JournalPhase.BEGIN:
            steps[entry.machine_id] = entry.step
    return machines_at(book.machines(run.id), at, steps)
