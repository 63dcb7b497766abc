"""What is known of updates of machines: the machine's status, what runs made of the update, how long a run may take."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from fleet.deployments.plan_warnings import is_kernel
from fleet.deployments.prediction import PastInstall, PlannedWork, Prediction, predict
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run
from fleet.deployments.selection import select
from fleet.reasons.facts import DeploymentSight, HomeSight, UpdateCase, UpdateTry
from fleet.status import MachineStatus
from fleet.updates import Update
from ops.missing import MissingUpdate
from ops.state.run_history import RunHistory
from ops.state.runs import RunBook
from ops.state.update_tries import UpdateTries
from ops.why.home_sight import OVER_STATUSES
from ops.why.past_runs import SeenRuns

# Of runs that matter the newest few tell why; an update that waits for longer than so many runs was told often enough.
MOST_RUNS = 60
_MOST_TRIES = 10
_PAST_RUNS = 20


def tries_of(
    connection: sqlite3.Connection, seen: SeenRuns, update: Update, since: Mapping[str, datetime | None]
) -> Mapping[str, tuple[UpdateTry, ...]]:
    """What those of ``seen`` since ``update`` was first seen on each machine, by id, made of it there; latest first."""
    found = defaultdict[str, list[UpdateTry]](list)
    earliest = min((at for at in since.values() if at is not None), default=None)
    wanted = set(since)
    unbegun: set[str] = set()
    for run in seen.runs:
        if not wanted or (earliest is not None and _end_of(run) < earliest and run.status.is_over):
            break
        for machine_id, each in seen.tries(connection, run, wanted, update).items():
            if _is_before(run, since[machine_id]):
                continue
            found[machine_id].append(UpdateTry(run, each.status, each.error, each.ended_at, each.outcome))
            if each.status is MachineRunStatus.NOT_STARTED and run.status.is_over:
                unbegun.add(run.id)
            if len(found[machine_id]) >= _MOST_TRIES:
                wanted.discard(machine_id)
    return _with_counts(connection, found, unbegun)


def barren_runs(
    connection: sqlite3.Connection, seen: SeenRuns, sights: Iterable[DeploymentSight]
) -> list[tuple[DeploymentSight, Run]]:
    """The last run of each deployment, where it ended before its machines were known: its plan drifted, or failed."""
    tries = UpdateTries(connection)
    last = [(sight, _last_over(connection, seen, sight.deployment.name)) for sight in sights]
    return [(sight, run) for sight, found in last for run in found if not tries.has_machines(run.id)]


def _last_over(connection: sqlite3.Connection, seen: SeenRuns, deployment: str) -> Sequence[Run]:
    if seen.at is None:
        return RunBook(connection).list(deployment, OVER_STATUSES, 1)
    return [run for run in seen.runs if run.deployment.name == deployment and run.status.is_over][:1]


def make_case(
    missing: MissingUpdate,
    status: MachineStatus | None,
    tries: Sequence[UpdateTry],
    barren: Sequence[tuple[DeploymentSight, Run]],
    others: Sequence[Update] = (),
    predictions: Mapping[str, Prediction] | None = None,
) -> UpdateCase:
    """The case of ``missing``; ``others`` are what its machine misses beside it."""
    update, machine_id = missing.update, missing.machine_id
    unseen = [
        UpdateTry(run, MachineRunStatus.NOT_STARTED, ended_at=run.ended_at)
        for sight, run in barren
        if machine_id in sight.members and not _is_before(run, missing.first_seen)
    ]
    same = (update.name, update.architecture)
    return UpdateCase(
        machine_id,
        missing.machine_name,
        status,
        update,
        missing.seen_at,
        tuple(each for each in others if (each.name, each.architecture) == same and each != update),
        tuple(sorted((*tries, *unseen), key=lambda each: each.run.opens_at, reverse=True)),
        predictions or {},
    )


def predictions_of(
    connection: sqlite3.Connection, status: MachineStatus, updates: Sequence[Update], home: HomeSight
) -> dict[str, Prediction]:
    """How long the next run of each deployment that names the machine takes there, by the machine's own history."""
    answer = status.last_answer
    manager = answer.facts.package_manager if answer else None
    covering = [each for each in home.deployments if status.machine.id in each.members]
    history = _own_installs(connection, status.machine.id, manager) if manager and covering else []
    found = {}
    for sight in covering if history else ():
        rules, today = sight.deployment.updates, home.now.astimezone(UTC).date()
        chosen = select(updates, rules, today=today, now=home.now, first_seen=home.first_seen).chosen
        work = PlannedWork(len(chosen), None, any(is_kernel(each.name) for each in chosen))
        if chosen and (prediction := predict(history, work, status.machine.id, manager or "")):
            found[sight.deployment.name] = prediction
    return found


def _own_installs(connection: sqlite3.Connection, machine_id: str, manager: str) -> list[PastInstall]:
    past = []
    for _, machine in reversed(RunHistory(connection).of_machines([machine_id], limit=_PAST_RUNS)):
        done = [each for each in machine.outcomes if each.status is InstallationStatus.SUCCEEDED]
        if machine.status is MachineRunStatus.SUCCEEDED and machine.install_seconds and done:
            kernel = any(is_kernel(each.name) for each in done)
            reboot = machine.reboot_seconds if machine.rebooted else None
            past.append(PastInstall(machine_id, manager, len(done), machine.install_seconds, None, reboot, kernel))
    return past


def _with_counts(
    connection: sqlite3.Connection, found: Mapping[str, list[UpdateTry]], unbegun: set[str]
) -> Mapping[str, tuple[UpdateTry, ...]]:
    counts = RunHistory(connection).count_machines(unbegun) if unbegun else {}
    return {
        machine_id: tuple(replace(each, counts=counts.get(each.run.id, {})) for each in tries)
        if any(each.run.id in counts for each in tries)
        else tuple(tries)
        for machine_id, tries in found.items()
    }


def _is_before(run: Run, first_seen: datetime | None) -> bool:
    """Whether the run was over before the update was seen on the machine."""
    return run.status.is_over and first_seen is not None and _end_of(run) < first_seen


def _end_of(run: Run) -> datetime:
    return run.ended_at or run.closes_at
