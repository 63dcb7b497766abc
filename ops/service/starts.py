"""The duty of schedules: makes a run of each start when its time has come, once, whatever happens in between."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from fleet.errors import BadInput
from ops.deployments.history import OPEN_STATUSES
from ops.deployments.new_runs import new_run
from ops.deployments.overview import blackouts_of
from ops.logs import log_event
from ops.service.doing import Activity, Trouble
from ops.service.due_starts import Moment, StartDecision, decide_starts, next_due
from ops.service.duty import Look, Post
from ops.state.approvals import with_edition
from ops.state.audit import Actor, Audit
from ops.state.database import opened, transaction
from ops.state.deployments import DeploymentBook
from ops.state.lease import LeaseBook
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook

SCHEDULE = "schedule"
# A calendar or a schedule that cannot be read is tried again, so that a start is not lost to a network file system.
_AGAIN_AFTER = timedelta(seconds=30)
# More than clocks are slewed by: a change of a deployment that lies further ahead was made before the clock was set.
_AHEAD = timedelta(seconds=1)


@dataclass(slots=True)
class _Known:
    """A deployment as it was last read. ``since``: starts before it are none of this schedule's."""

    edition: str
    deployment: Deployment
    since: datetime
    next_at: datetime | None = None
    problem: str = ""


class StartsDuty:
    """Makes runs of deployments that have a schedule."""

    name = "starts"

    def __init__(self, post: Post) -> None:
        self._post = post
        self._requester = Requester(user=SCHEDULE, command=f"the service on {socket.gethostname()}")
        self._known: dict[str, _Known] = {}
        # How long this service has truly lived, and how long it had when each deployment was last decided on.
        self._lived = timedelta(0)
        self._decided: dict[str, timedelta] = {}
        self._looked_at: datetime | None = None
        self._since = post.clock()

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: notes what became of every start whose time has come."""
        return await asyncio.to_thread(self._look, look)

    def activities(self) -> Sequence[Activity]:
        """A start is made at once."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """Schedules and calendars that cannot be read."""
        return [Trouble(self.name, f"{name}: {known.problem}") for name, known in self._known.items() if known.problem]

    async def end(self) -> None:
        """Nothing goes on."""

    def _look(self, look: Look) -> datetime | None:
        self._lived += look.passed or timedelta(0)
        if look.since != self._since:  # the clock was set: what was reckoned does not hold
            self._since = look.since
            self._known.clear()
        with opened(self._post.home.state_file) as connection:
            self._read_changed(connection, look.now)
            for known in self._known.values():
                if known.next_at is not None and known.next_at <= look.now:
                    self._decide(connection, known, look)
        self._looked_at = look.now
        return min((known.next_at for known in self._known.values() if known.next_at is not None), default=None)

    def _read_changed(self, connection: sqlite3.Connection, now: datetime) -> None:
        editions = ScheduleBook(connection).editions()
        self._known = {name: known for name, known in self._known.items() if editions.get(name) == known.edition}
        self._decided = {name: lived for name, lived in self._decided.items() if name in editions}
        for name in editions.keys() - self._known.keys():
            deployment = DeploymentBook(connection).find(name).deployment
            known = _Known(editions[name], deployment, now)
            if deployment.schedule is not None and deployment.enabled:
                known.since = self._scheduled_since(connection, deployment, now)
                known.next_at = now
            self._known[name] = known

    def _scheduled_since(self, connection: sqlite3.Connection, deployment: Deployment, now: datetime) -> datetime:
        since = ScheduleBook(connection).scheduled_since(deployment) or now
        if since > now + _AHEAD:
            return self._looked_at if self._looked_at is not None and self._looked_at <= now else now
        return since

    def _decide(self, connection: sqlite3.Connection, known: _Known, look: Look) -> None:
        deployment, schedule = known.deployment, known.deployment.schedule
        if schedule is None:
            return
        lead = timedelta(minutes=deployment.predownload_minutes)
        decided = self._decided.get(deployment.name)
        moment = Moment(look.now, None if decided is None else self._lived - decided)
        last = ScheduleBook(connection).last_due(deployment.name, look.now)
        since = min(known.since, look.now) if last is None else max(min(known.since, look.now), last)
        try:
            decisions = decide_starts(schedule, blackouts_of(deployment), since, moment, lead)
            known.next_at = next_due(schedule, look.now, lead)
        except BadInput as error:
            known.problem, known.next_at = str(error), look.now + _AGAIN_AFTER
            return
        known.problem = ""
        self._decided[deployment.name] = self._lived
        for decision in decisions:
            with transaction(connection):
                self._note(connection, known, decision, look.now)

    def _note(self, connection: sqlite3.Connection, known: _Known, decision: StartDecision, now: datetime) -> None:
        """Keeps what becomes of a start, with its run: both or none, and only once."""
        deployment, due_at = known.deployment, decision.start.at
        schedule_book, runs = ScheduleBook(connection), RunBook(connection, lambda: now)
        if not self._may_act(connection, known) or schedule_book.dealt_with(deployment.name, [due_at]):
            return
        going_on = _going_on(runs.list(deployment.name, OPEN_STATUSES), due_at)
        if decision.opens_at is not None and going_on is None:
            run = new_run(deployment, decision.opens_at, self._requester, clock=lambda: now)
            runs.note_start(deployment.name, due_at, f"run made: {decision.why}", run.id)
            runs.make(with_edition(connection, run))
            log_event("run made", run=run.id, deployment=deployment.name, due=due_at, why=decision.why)
        elif due_at <= now:
            why = decision.why if going_on is None else f"the run {going_on.id} still goes on"
            runs.note_start(deployment.name, due_at, f"skipped: {why}")
            said = json.dumps({"due_at": due_at.isoformat(), "why": why})
            actor = Actor(self._requester.user, "", self._requester.command)
            Audit(connection, actor, lambda: now).record("start.skip", deployment.name, None, said)
            log_event("start skipped", deployment=deployment.name, due=due_at, why=why)

    def _may_act(self, connection: sqlite3.Connection, known: _Known) -> bool:
        """Whether the lease is still ours and the deployment as it was read, now that nobody else can write."""
        is_ours = LeaseBook(connection).is_held_by(self._post.token)
        return is_ours and ScheduleBook(connection).editions().get(known.deployment.name) == known.edition


def _going_on(runs: Sequence[Run], due_at: datetime) -> Run | None:
    """The earlier run that has not ended; one that waits for a later window is none, nor one for machines that were
    off: it has machines of its own, and they wait for each other.
    """
    runs = [run for run in runs if not run.makes_up_for]
    return next((run for run in runs if run.status is not RunStatus.WAITING or run.opens_at <= due_at), None)
