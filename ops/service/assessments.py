"""The duty of assessments: every machine once in its period, in batches, so that tables get few commits."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fleet.errors import PatchdeckError
from fleet.machines import Machine
from ops.assess import BatchResult, FleetOptions, assess_fleet, options_of
from ops.assess_events import AssessEvent, MachineFinished
from ops.config import Settings
from ops.credentials.finding import HomeSecrets
from ops.groups import group_members
from ops.home import Home
from ops.logs import log_error, log_event
from ops.scope import sift
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.service.rounds import Round, plan_round
from ops.service.timetable import find_unused, timetable_of
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.scheduled import ScheduleBook
from ops.state.statuses import StatusBook

# Machines that fall due meanwhile go into the next batch together.
LEAST_GAP = timedelta(minutes=1)
# Storing takes as long for one machine as for a thousand: it gets a twentieth of the time, at most every five minutes.
_STORING_SHARE = 20
_MOST_GAP = timedelta(minutes=5)
# Reckoning for 5,000 machines takes 0.1 s: what is written meanwhile, new machines too, is looked at after this.
_PLAN_HOLDS = timedelta(seconds=20)

Assess = Callable[
    [Home, Sequence[Machine], FleetOptions, Callable[[AssessEvent], None], asyncio.Event], Awaitable[BatchResult]
]


@dataclass(frozen=True, slots=True)
class _Planned:
    """What was reckoned ``at`` a time from a revision of the machines and from the settings."""

    at: datetime
    next_at: datetime | None
    revision: int
    settings: Settings


class AssessmentsDuty:
    """Assesses machines on schedule."""

    name = "assessments"

    def __init__(self, post: Post, assess: Assess | None = None) -> None:
        self._post = post
        self._assess = assess or self._assess_fleet
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._not_before: datetime | None = None
        self._since: datetime | None = None
        self._planned: _Planned | None = None
        self._activity: Activity | None = None
        self._unused: tuple[str, ...] = ()
        self._scope_problems: tuple[str, ...] = ()
        self._error = ""

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: begins a batch where machines are due, and none is in work."""
        if not look.settings.service_assess or self._stop.is_set():
            return None
        if look.since != self._since:  # the clock was set: what was reckoned does not hold
            self._since, self._not_before, self._planned = look.since, None, None
        if self._task is not None and not self._task.done():
            return None  # its end asks for a look
        if self._not_before is not None and look.now < self._not_before:
            return self._not_before
        if (look_at := await self._still_planned(look)) is not None:
            return look_at
        due = await asyncio.to_thread(self._plan, look)
        if not due.machines:
            return due.next_at
        self._planned = None
        self._task = asyncio.create_task(self._work(due, look.settings))
        return None

    def activities(self) -> Sequence[Activity]:
        """The batch that is in work."""
        return () if self._activity is None else (self._activity,)

    def troubles(self) -> Sequence[Trouble]:
        """Why the last batch was not stored, groups that leave machines outside the scope because they cannot be
        evaluated, and settings that mean no machine.
        """
        unused = [f"service.assess_every: {target!r} names no machine" for target in self._unused]
        scope = [f"of the scope, {problem}" for problem in self._scope_problems]
        return [Trouble(self.name, text) for text in ([self._error] if self._error else []) + scope + unused]

    async def end(self) -> None:
        """See `Duty`: what has come in is stored."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _assess_fleet(
        self,
        home: Home,
        machines: Sequence[Machine],
        options: FleetOptions,
        on_event: Callable[[AssessEvent], None],
        stop: asyncio.Event,
    ) -> BatchResult:
        return await assess_fleet(home, machines, options, on_event, stop=stop, clock=self._post.clock)

    async def _still_planned(self, look: Look) -> datetime | None:
        """When to look again, where no machine is due by what was reckoned before; None: it is to be reckoned anew."""
        planned = self._planned
        if planned is None or look.settings != planned.settings:
            return None
        if planned.next_at is not None and look.now >= planned.next_at:
            return None
        if look.now >= planned.at + _PLAN_HOLDS:
            if await asyncio.to_thread(self._revision) != planned.revision:
                return None
            self._planned = replace(planned, at=look.now)
            return planned.next_at
        again_at = planned.at + _PLAN_HOLDS
        return again_at if planned.next_at is None else min(again_at, planned.next_at)

    def _revision(self) -> int:
        with opened(self._post.home.state_file) as connection:
            return StatusBook(connection).revision()

    def _plan(self, look: Look) -> Round:
        timetable = timetable_of(look.settings, group_members(self._post.home))
        with opened(self._post.home.state_file) as connection:
            revision = StatusBook(connection).revision()
            machines = MachineBook(connection).list_machines()
            book = ScheduleBook(connection)
            last, busy = book.last_assessed(), book.claimed_machines()
        self._unused = find_unused(machines, timetable)
        sifted = sift(self._post.home, machines)
        self._scope_problems = sifted.problems
        planned = plan_round(sifted.inside, last, timetable, busy=busy, since=look.since, now=look.now)
        self._planned = _Planned(look.now, planned.next_at, revision, look.settings)
        return planned

    async def _work(self, due: Round, settings: Settings) -> None:
        self._error = ""
        storing_seconds = 0.0
        try:
            for machines, refresh in ((due.due, False), (due.refreshing, True)):
                if machines and not self._stop.is_set():
                    storing_seconds += await self._work_on(machines, settings, refresh=refresh)
        # The edge of a batch's task: the next batch is tried, later.
        except Exception as error:  # noqa: BLE001
            log_error("scheduled assessment failed", error)
            self._error = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
        finally:
            self._activity = None
            gap = min(_MOST_GAP, max(LEAST_GAP, timedelta(seconds=_STORING_SHARE * storing_seconds)))
            self._not_before = self._post.clock() + gap
            self._post.look_again()

    async def _work_on(self, machines: Sequence[Machine], settings: Settings, *, refresh: bool) -> float:
        """Assesses a batch, and gives how many seconds storing it took."""
        begun_at = self._post.clock()
        last_heard = time.monotonic()
        done = 0
        text = f"assesses {len(machines)} machines" + (" with fresh lists" if refresh else "")
        self._activity = Activity(self.name, text, begun_at)
        self._post.look_again()

        def hear(event: AssessEvent) -> None:
            nonlocal last_heard, done
            if isinstance(event, MachineFinished):
                last_heard = time.monotonic()
                done = event.done
                self._activity = Activity(self.name, f"{text}: {done} of {event.total} are done", begun_at)

        options = replace(options_of(settings), secrets=HomeSecrets(self._post.home), refresh=refresh)
        try:
            result = await self._assess(self._post.home, machines, options, hear, self._stop)
        except PatchdeckError:
            # They are tried again with the next batch only when their time comes: no storm against a full disk.
            await asyncio.to_thread(self._note, begun_at, [machine.id for machine in machines], [], refreshed=False)
            raise
        storing_seconds = time.monotonic() - last_heard if done else 0.0
        unreached = [each.machine_id for each in result.failed if each.failure and each.failure.kind.means_unreachable]
        reached = {each.machine_id for each in result.assessments} - {*unreached}
        await asyncio.to_thread(self._note, begun_at, [*reached], unreached, refreshed=refresh)
        log_event("scheduled assessment", machines=len(machines), failed=len(result.failed), batch=result.batch_id)
        return storing_seconds

    def _note(self, begun_at: datetime, reached: list[str], unreached: list[str], *, refreshed: bool) -> None:
        with opened(self._post.home.state_file) as connection:
            ScheduleBook(connection).note_assessed(begun_at, reached, unreached, refreshed=refreshed)
