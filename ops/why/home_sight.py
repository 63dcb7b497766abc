"""The home as reasons see it: its deployments with whom they mean, when they start, and what stands in their way."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from fleet.deployments.occurrences import Start, next_start
from fleet.deployments.runs import Run, RunStatus
from fleet.deployments.selection import version_key
from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine
from fleet.reasons.facts import DeploymentSight, HomeSight, OpenRun
from fleet.targets import TargetIndex
from fleet.updates import Update
from ops.approvals.standing import approval_of_run
from ops.config import Settings, load_settings
from ops.deployments.history import OPEN_STATUSES
from ops.deployments.overview import blackouts_of
from ops.deployments.script_files import find_script_problems
from ops.groups import group_members
from ops.home import Home
from ops.past.deployments import definitions_at
from ops.past.runs import list_runs_at
from ops.permission import refusal
from ops.state.deployments import DeploymentBook, StoredDeployment
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook
from ops.state.versions import VersionBook

OVER_STATUSES = tuple(status for status in RunStatus if status.is_over)


def look_at_home(
    home: Home,
    connection: sqlite3.Connection,
    machines: Sequence[Machine],
    updates: Iterable[Update],
    now: datetime,
    *,
    is_past: bool = False,
) -> HomeSight:
    """What of ``home`` matters to ``machines`` and ``updates``: of other machines no deployment says a word.

    ``is_past``: deployments and runs are those of ``now``, an earlier instant. Groups are of the present; what a plan
    lacked of approvals then, whether a service ran, and which starts were skipped, is not told.
    """
    index = TargetIndex(machines, group_members(home))
    settings, seen = load_settings(home), VersionBook(connection).find({version_key(each) for each in updates})
    first_seen = {(each.product, each.version): each.seen_at for each in seen if each.seen_at <= now}
    if is_past:
        then = [OpenRun(each.run) for each in list_runs_at(home, now) if not each.run.status.is_over]
        defined = definitions_at(home, now)
        past = tuple(replace(_look_at(each, index, connection, then, now), skipped="") for each in defined)
        return HomeSight(now, past, first_seen)
    open_runs = [
        _look_at_run(connection, run, settings, now) for run in RunBook(connection).list(statuses=OPEN_STATUSES)
    ]
    deployments = tuple(
        _look_at(stored, index, connection, open_runs, now) for stored in DeploymentBook(connection).list()
    )
    return HomeSight(now, deployments, first_seen, _why_stopped(home), refusal(home.path) or "")


def _look_at(
    stored: StoredDeployment,
    index: TargetIndex,
    connection: sqlite3.Connection,
    open_runs: Sequence[OpenRun],
    now: datetime,
) -> DeploymentSight:
    deployment = stored.deployment
    start: Start | None = None
    problems = [*find_script_problems(deployment.scripts)]
    try:
        if deployment.schedule is not None and deployment.enabled:
            start = next_start(deployment.schedule, blackouts_of(deployment), now)
    except BadInput as error:
        problems.append(str(error))
    members: set[str] = set()
    for target in deployment.targets:
        try:
            members.update(machine.id for machine in index.match(target))
        except UnknownName:  # a group that is not there any more names nobody
            continue
        except BadInput as error:
            problems.append(str(error))
    last = ScheduleBook(connection).last_start(deployment.name)
    skipped = f"{last.due_at:%Y-%m-%d %H:%M} UTC: {last.outcome}" if last is not None and not last.run_id else ""
    mine = tuple(each for each in open_runs if each.run.deployment.name == deployment.name)
    return DeploymentSight(deployment, frozenset(members), start, " ".join(problems), mine, skipped)


def _look_at_run(connection: sqlite3.Connection, run: Run, settings: Settings, now: datetime) -> OpenRun:
    standing = approval_of_run(connection, run, settings, now)
    return OpenRun(run, standing.describe() if standing is not None and not standing.is_enough else "")


def _why_stopped(home: Home) -> str:
    from ops.service.starting import working

    return "" if working(home) is not None else "nobody holds the lease of this home"
