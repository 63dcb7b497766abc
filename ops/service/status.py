"""What the service does, and what comes next: reckoned from what is written down, whether it runs or not."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.approvals import Standing
from fleet.deliveries import DeliveryStatus
from fleet.deployments.occurrences import Start, next_start
from fleet.deployments.runs import MachineRunStatus, Run
from fleet.errors import BadInput, PatchdeckError
from ops.approvals.standing import approval_of_run
from ops.config import Settings, load_settings
from ops.credentials.session import tell_locked
from ops.deployments.history import OPEN_STATUSES
from ops.deployments.overview import blackouts_of
from ops.groups import group_members
from ops.home import Home
from ops.messages.failures import describe_failing
from ops.scope import sift
from ops.service.doing import Doing, Trouble, read_doing
from ops.service.lease import find_holder
from ops.service.rounds import plan_round
from ops.service.starting import working
from ops.service.timetable import timetable_of
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.deliveries import DeliveryBook
from ops.state.deployments import DeploymentBook
from ops.state.lease import Lease
from ops.state.machines import MachineBook
from ops.state.run_history import RunHistory
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook, StartOutcome

_RECENT_STARTS = 5


@dataclass(frozen=True, slots=True)
class RunNow:
    """An open run. ``wave`` is the last one that has a machine in work, None while none is. ``approval`` is what it
    has of the approvals that it needs, None where it needs none or waits for none any more.
    """

    run: Run
    wave: int | None
    counts: Mapping[MachineRunStatus, int]
    approval: Standing | None = None


@dataclass(frozen=True, slots=True)
class ComingStart:
    """The next start of a deployment."""

    deployment: str
    start: Start


@dataclass(frozen=True, slots=True)
class WaitingMessages:
    """A channel that messages wait for: how many, and since when the oldest does."""

    channel: str
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """How the service stands. ``holder`` is who holds the lease; on another host it may be silent, then not running.

    ``due`` machines are to be assessed now, the next one at ``next_assessment``; None where the service assesses none.
    """

    is_running: bool
    holder: Lease | None
    doing: Doing
    runs: Sequence[RunNow]
    starts: Sequence[ComingStart]
    past_starts: Sequence[StartOutcome]
    due: int
    next_assessment: datetime | None
    next_upkeep: datetime | None
    messages: Sequence[WaitingMessages] = ()


def service_status(home: Home, now: datetime | None = None) -> ServiceStatus:
    """How the service of ``home`` stands now. Blocking.

    Raises:
        BadInput: the settings cannot be used.
        HomeUnusable: the state cannot be read.
    """
    moment = now or utc_now()
    settings = load_settings(home)
    holder, running = find_holder(home), working(home)
    doing = read_doing(running.doing) if running is not None else Doing()
    since = running.started_at if running is not None else moment
    with opened(home.state_file) as connection:
        book = ScheduleBook(connection)
        machines = MachineBook(connection).list_machines() if settings.service_assess else []
        timetable = timetable_of(settings, group_members(home))
        coming = plan_round(
            sift(home, machines).inside, book.last_assessed(), timetable, busy=(), since=since, now=moment
        )
        starts, troubles = coming_starts(connection, moment)
        troubles += [] if running is not None else _silent_troubles(home, connection)
        last_upkeep = book.last_done("upkeep")
        return ServiceStatus(
            is_running=running is not None,
            holder=holder,
            doing=Doing(
                doing.activities, (*doing.troubles, *troubles) if running is None else doing.troubles, doing.is_ending
            ),
            runs=_runs(connection, settings, moment),
            starts=starts,
            past_starts=book.recent_starts(_RECENT_STARTS),
            due=len(coming.machines),
            next_assessment=coming.next_at,
            next_upkeep=None if last_upkeep is None else last_upkeep + timedelta(hours=settings.service_upkeep_hours),
            messages=_waiting_messages(connection),
        )


def coming_starts(connection: sqlite3.Connection, now: datetime) -> tuple[list[ComingStart], list[Trouble]]:
    """The next start of each deployment with a schedule, the earliest first, and what keeps others from starting."""
    starts, troubles = [], []
    for stored in DeploymentBook(connection).list():
        deployment = stored.deployment
        if deployment.schedule is None or not deployment.enabled:
            continue
        try:
            start = next_start(deployment.schedule, blackouts_of(deployment), now)
        except BadInput as error:
            troubles.append(Trouble("starts", f"{deployment.name}: {error}"))
        else:
            starts += [ComingStart(deployment.name, start)] if start is not None else []
    return sorted(starts, key=lambda coming: (coming.start.at, coming.deployment)), troubles


def _silent_troubles(home: Home, connection: sqlite3.Connection) -> list[Trouble]:
    """What its duties would tell if it ran."""
    locked = ""
    with suppress(PatchdeckError):  # whether secrets are kept is for the owner of the home
        locked = tell_locked(home)
    told = [Trouble("messages", text) for text in describe_failing(connection)]
    return [*([Trouble("secrets", locked)] if locked else []), *told]


def _waiting_messages(connection: sqlite3.Connection) -> list[WaitingMessages]:
    book = DeliveryBook(connection)
    counts, since = book.counts(), book.waiting_since()
    waiting = {name: counts.get(name, {}).get(DeliveryStatus.WAITING, 0) for name in since}
    return [WaitingMessages(name, waiting[name], since[name]) for name in sorted(since, key=str.casefold)]


def _runs(connection: sqlite3.Connection, settings: Settings, now: datetime) -> list[RunNow]:
    book = RunBook(connection)
    runs = sorted(book.list(statuses=OPEN_STATUSES), key=lambda run: (run.opens_at, run.id))
    counts = RunHistory(connection).count_machines([run.id for run in runs])
    return [
        RunNow(run, _wave(book, run), counts.get(run.id, {}), approval_of_run(connection, run, settings, now))
        for run in runs
    ]


def _wave(book: RunBook, run: Run) -> int | None:
    in_work = (each.wave for each in book.machines(run.id) if each.status is MachineRunStatus.IN_PROGRESS)
    return max(in_work, default=None)
