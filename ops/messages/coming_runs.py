"""What is about to start, and is told of before: starts of schedules, and runs that wait for a window."""

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.notices import ComingRun, Notice
from fleet.deployments.occurrences import next_start, starts_of
from fleet.deployments.runs import Run, RunStatus
from fleet.deployments.zones import find_zone, local_text
from fleet.errors import BadInput, UnknownName
from ops.deployments.overview import blackouts_of, coming_starts
from ops.deployments.targets import resolve_targets
from ops.home import Home
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunAction, RunBook
from ops.state.scheduled import ScheduleBook

# A rule of every minute and a notice of a month would tell of thousands of starts.
_MOST_AHEAD = 50
_NOT_BEGUN = (RunStatus.WAITING.value, RunStatus.PAUSED.value)


def find_coming(connection: sqlite3.Connection, now: datetime) -> tuple[list[ComingRun], list[str]]:
    """What is to start, once for each deployment and time, as far ahead as people are told of it and one more; and what
    cannot be told, a line each.
    """
    found: dict[tuple[str, datetime], ComingRun] = {}
    problems: list[str] = []
    for run in _waiting_runs(connection, now):
        found.setdefault((run.deployment.name.casefold(), run.opens_at), _of_run(run))
    for stored in DeploymentBook(connection).list():
        deployment = stored.deployment
        if deployment.notice_hours is None or not deployment.enabled or deployment.schedule is None:
            continue
        try:
            for coming in _starts(connection, deployment, now):
                found.setdefault((coming.deployment.casefold(), coming.at), coming)
        except BadInput as error:
            problems.append(f"{deployment.name}: {error}")
    return [*found.values()], problems


def what_is_asked(connection: sqlite3.Connection) -> object:
    """Something that is another once a deployment, a run that waits, or what is asked of one has changed."""
    waiting = connection.execute(
        "SELECT id, status FROM runs WHERE status IN (?, ?) ORDER BY id", _NOT_BEGUN
    ).fetchall()
    requests = connection.execute("SELECT max(id) FROM run_requests").fetchone()
    return ScheduleBook(connection).editions(), waiting, requests


def machine_names(home: Home, deployment: str) -> tuple[str, ...] | None:
    """The names of the machines that ``deployment`` means now; None where that cannot be told."""
    from ops.deployments.definitions import find_deployment

    try:
        return tuple(
            machine.name for machine in resolve_targets(home, find_deployment(home, deployment).deployment).machines
        )
    except BadInput:
        return None


def explain_withdrawal(connection: sqlite3.Connection, notice: Notice, now: datetime) -> str:
    """Why the start that people were told of does not take place then."""
    runs = RunBook(connection).list(notice.deployment, [RunStatus.CANCELLED, RunStatus.WAITING])
    if any(run.opens_at == notice.at for run in runs):
        return "its run was cancelled"
    try:
        deployment = DeploymentBook(connection).find(notice.deployment).deployment
    except UnknownName:
        return "the deployment was removed"
    if deployment.schedule is None:
        return "it has no schedule any more"
    if not deployment.enabled:
        return "the deployment was disabled"
    if deployment.notice_hours is None or not deployment.channels:
        return "its definition was changed, and no notice is given of its starts any more"
    try:
        same = starts_of(deployment.schedule, blackouts_of(deployment), now, _MOST_AHEAD)
        blocked = next((start.skipped for start in same if start.at == notice.at and start.skipped), "")
        coming = next_start(deployment.schedule, blackouts_of(deployment), now)
    except BadInput as error:
        return f"its schedule cannot be read: {error}"
    moved = f"; the next start is {coming.local}" if coming else "; it does not start any more"
    return f"{f'it is {blocked}' if blocked else 'its schedule was changed'}{moved}"


def _waiting_runs(connection: sqlite3.Connection, now: datetime) -> Iterator[Run]:
    book = RunBook(connection)
    cancelled = {each.run_id for each in book.open_requests() if each.action is RunAction.CANCEL}
    for run in book.list(statuses=[RunStatus.WAITING, RunStatus.PAUSED]):
        wants_notice = run.deployment.notice_hours is not None and bool(run.deployment.channels)
        if wants_notice and run.opens_at > now and run.id not in cancelled:
            yield run


def _of_run(run: Run) -> ComingRun:
    deployment = run.deployment
    zone = find_zone(deployment.schedule.time_zone if deployment.schedule else "UTC")
    return _coming(deployment, run.opens_at, local_text(run.opens_at, zone))


def _starts(connection: sqlite3.Connection, deployment: Deployment, now: datetime) -> Iterator[ComingRun]:
    until = now + timedelta(hours=deployment.notice_hours or 0.0)
    starts = [start for start in coming_starts(deployment, now, _MOST_AHEAD) if not start.skipped]
    # A start that was dealt with has a run, which waits or is not going to be.
    made: Sequence[datetime] = [*ScheduleBook(connection).dealt_with(deployment.name, [start.at for start in starts])]
    for start in starts:
        if start.at not in made:
            yield _coming(deployment, start.at, start.local)
        if start.at > until:
            return


def _coming(deployment: Deployment, at: datetime, local: str) -> ComingRun:
    return ComingRun(
        deployment.name,
        at,
        local,
        deployment.window.minutes,
        deployment.targets,
        deployment.channels,
        deployment.notice_hours or 0.0,
    )
