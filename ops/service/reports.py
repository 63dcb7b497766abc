"""The duty of reports: makes each scheduled report when its time has come, one after the other."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from fleet.errors import PatchdeckError
from fleet.reports.schedule import StoredReportSchedule, due_time, next_time
from ops.config import Settings
from ops.home import Home
from ops.logs import log_error, log_event
from ops.reports.schedules import list_report_schedules
from ops.reports.sending import give_up, send_report
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post

_LOOK_AGAIN = timedelta(minutes=5)
# What stands in the way for so many tries, a quarter of an hour, is told to whom the report was for.
MOST_TRIES = 3

Send = Callable[[Home, Settings, StoredReportSchedule, datetime, datetime], bool]
Due = tuple[StoredReportSchedule, datetime]


class ReportsDuty:
    """Makes scheduled reports. ``send`` makes one; blocking, and ended by the time limits of its queries."""

    name = "reports"

    def __init__(self, post: Post, send: Send = send_report) -> None:
        self._post = post
        self._send = send
        self._task: asyncio.Task[None] | None = None
        self._activity: Activity | None = None
        self._is_ending = False
        self._again_at: dict[str, datetime] = {}
        self._failures: dict[str, int] = {}
        self._errors: dict[str, str] = {}

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: makes what is due; of times that were missed only the last."""
        if self._is_ending or (self._task is not None and not self._task.done()):
            return None  # its end asks for a look
        due, next_at = await asyncio.to_thread(self._look_up, look.now)
        if due:
            self._task = asyncio.create_task(self._make(due, look.settings))
        return next_at

    def activities(self) -> Sequence[Activity]:
        """The report that is made now."""
        return () if self._activity is None else (self._activity,)

    def troubles(self) -> Sequence[Trouble]:
        """Which reports could not be made, and why."""
        return [Trouble(self.name, f"{name} could not be made: {error}") for name, error in self._errors.items()]

    async def end(self) -> None:
        """See `Duty`: the report in work is finished, the others are left to the next service."""
        self._is_ending = True
        if self._task is not None:
            await asyncio.wait({self._task})

    def _look_up(self, now: datetime) -> tuple[list[Due], datetime | None]:
        due: list[Due] = []
        coming: list[datetime] = []
        waiting: set[str] = set()
        known = list_report_schedules(self._post.home)
        for stored in known:
            if (following := next_time(stored, now)) is not None:
                coming.append(following)
            if (at := due_time(stored, now)) is None:
                continue
            again_at = self._again_at.get(stored.name, now)
            if now < again_at <= now + _LOOK_AGAIN:
                waiting.add(stored.name)
                coming.append(again_at)
            else:
                due.append((stored, at))
        unsettled = waiting | {stored.name for stored, _ in due}
        self._errors = {stored.name: stored.error for stored in known if stored.error} | {
            name: error for name, error in self._errors.items() if name in unsettled
        }
        return sorted(due, key=lambda each: each[1]), min(coming, default=None)

    async def _make(self, due: Sequence[Due], settings: Settings) -> None:
        try:
            for stored, at in due:
                if self._is_ending:
                    return
                self._activity = Activity(self.name, f"makes the report {stored.name}", self._post.clock())
                await asyncio.to_thread(self._make_one, stored, at, settings)
        finally:
            self._activity = None
            self._post.look_again()

    def _make_one(self, stored: StoredReportSchedule, due: datetime, settings: Settings) -> None:
        home, now = self._post.home, self._post.clock()
        try:
            self._send(home, settings, stored, due, now)
            log_event("report made", report=stored.name, due=due.isoformat())
            self._forget(stored.name)
        # The edge of one report: what broke it is told and tried again, and keeps no other from being made.
        except Exception as error:  # noqa: BLE001
            log_error("report not made", error, report=stored.name)
            self._fail(stored, due, now, error)

    def _fail(self, stored: StoredReportSchedule, due: datetime, now: datetime, error: Exception) -> None:
        said = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
        tries = self._failures.get(stored.name, 0) + 1
        self._failures[stored.name], self._errors[stored.name] = tries, said
        self._again_at[stored.name] = self._post.clock() + _LOOK_AGAIN
        if tries >= MOST_TRIES:
            self._forget(stored.name)
            give_up(self._post.home, stored, due, now, said)

    def _forget(self, name: str) -> None:
        for known in (self._failures, self._errors, self._again_at):
            known.pop(name, None)
