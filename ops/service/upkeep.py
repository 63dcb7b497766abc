"""The duty of upkeep: small files of tables joined, old folders of runs removed, one thing at a time."""

import asyncio
import json
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fleet.deployments.runs import Run
from fleet.errors import PatchdeckError, StoreBusy, UnknownName
from ops.config import Settings
from ops.enrolment import note_deed
from ops.evidence import remove_old_evidence
from ops.home import Home
from ops.logs import log_error, log_event, open_log
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.state.database import opened
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook

# A service that has just begun has better things to do.
_FIRST_AFTER = timedelta(minutes=5)
# A run has the disk and the cores to itself; unless upkeep is so long overdue.
_LONG_OVERDUE = timedelta(hours=24)
_LOOK_AGAIN = timedelta(minutes=5)
# Longer than a query or a load may last: query.time_limit_seconds is at most a day.
_LEFTOVER_AFTER = timedelta(days=2)
_ID_TIME = "%Y%m%dT%H%M%SZ"


class UpkeepDuty:
    """Keeps the home in order. ``runs_in_work`` says how many runs the service works on."""

    name = "upkeep"

    def __init__(self, post: Post, runs_in_work: Callable[[], int]) -> None:
        self._post = post
        self._runs_in_work = runs_in_work
        self._task: asyncio.Task[None] | None = None
        self._is_ending = False
        self._activity: Activity | None = None
        self._error = ""
        self._again_at: datetime | None = None

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: begins when it is time and no run is in work."""
        if self._is_ending or (self._task is not None and not self._task.done()):
            return None
        due_at = await asyncio.to_thread(self._due_at, look)
        if self._again_at is not None:
            due_at = max(due_at, self._again_at)
        if due_at > look.now:
            return due_at
        if self._runs_in_work() and look.now - due_at < _LONG_OVERDUE:
            return look.now + _LOOK_AGAIN
        self._task = asyncio.create_task(self._work(look.settings))
        return None

    def activities(self) -> Sequence[Activity]:
        """What is in work."""
        return () if self._activity is None else (self._activity,)

    def troubles(self) -> Sequence[Trouble]:
        """Why the last upkeep did not come to its end."""
        return [Trouble(self.name, self._error)] if self._error else []

    async def end(self) -> None:
        """See `Duty`: what is in work at this moment is finished, the rest is left for the next time."""
        self._is_ending = True
        if self._task is not None:
            await asyncio.wait({self._task})

    def _due_at(self, look: Look) -> datetime:
        with opened(self._post.home.state_file) as connection:
            last = ScheduleBook(connection).last_done(self.name)
        period = timedelta(hours=look.settings.service_upkeep_hours)
        if last is None or last > look.now + period:
            return look.since + min(period, _FIRST_AFTER)
        return last + period

    async def _work(self, settings: Settings) -> None:
        began_at = self._post.clock()
        self._activity = Activity(self.name, "keeps tables and folders in order", began_at)
        self._post.look_again()
        try:
            await asyncio.to_thread(self._keep, settings, began_at)
            self._error, self._again_at = "", None
        # The edge of upkeep: whatever stands in its way, it is tried again later.
        except Exception as error:  # noqa: BLE001
            log_error("upkeep failed", error)
            self._error = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
            self._again_at = self._post.clock() + _LOOK_AGAIN
        finally:
            self._activity = None
            self._post.look_again()

    def _keep(self, settings: Settings, now: datetime) -> None:
        home = self._post.home
        open_log(home.log_file)  # begins a new file where the old one is large
        remove_old_evidence(home.runs_dir)
        remove_leftovers(home.temp_dir, now - _LEFTOVER_AFTER)
        removed = remove_old_runs(home, now - timedelta(days=settings.service_runs_kept_days))
        if not self._keep_tables(settings, now):
            return
        with opened(home.state_file) as connection:
            connection.execute("PRAGMA optimize")
            ScheduleBook(connection).note_done(self.name, now)
        log_event("upkeep done", folders=removed)

    def _keep_tables(self, settings: Settings, now: datetime) -> bool:
        """Whether all tables were gone through; the service may end in between."""
        from fleet.tables import TABLES
        from ops.store import TableStore
        from ops.store.retention import expire_rows, kept_days
        from ops.store.upkeep import keep_in_order

        home, today = self._post.home, now.astimezone(UTC).date()
        with suppress(StoreBusy):
            TableStore(home).replay()
        for table in TABLES:
            if self._is_ending:
                return False
            if days := expire_rows(home, table, kept_days(settings, table), today, settings.store_wait_seconds):
                log_event("old rows let go", table=table.name, days=days)
                note_deed(home, "table.let-go", table.name, json.dumps({"days": days}))
            kept = keep_in_order(home, table, today, settings.store_wait_seconds)
            if kept.before != kept.after:
                log_event(
                    "table kept in order",
                    table=kept.table,
                    files_before=kept.before.files,
                    files=kept.after.files,
                    seconds=f"{kept.elapsed_seconds:.3f}",
                )
        return True


def remove_leftovers(temp_dir: Path, before: datetime) -> None:
    """Removes what queries and loads that were killed ``before`` had laid aside."""
    for folder in temp_dir.iterdir() if temp_dir.is_dir() else ():
        with suppress(OSError):
            if datetime.fromtimestamp(folder.stat().st_mtime, UTC) < before:
                shutil.rmtree(folder, ignore_errors=True)


def remove_old_runs(home: Home, before: datetime) -> int:
    """Removes the folders of runs that were over ``before``, and says how many. Those of unknown runs are left."""
    if not home.runs_dir.is_dir():
        return 0
    old = [folder for folder in home.runs_dir.iterdir() if folder.is_dir() and _is_named_before(folder, before)]
    if not old:
        return 0
    with opened(home.state_file) as connection:
        book = RunBook(connection)
        gone = [folder for folder in old if _is_over(book, folder.name, before)]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def _is_named_before(folder: Path, before: datetime) -> bool:
    try:
        return datetime.strptime(folder.name.partition("-")[0], _ID_TIME).replace(tzinfo=UTC) < before
    except ValueError:
        return False


def _is_over(book: RunBook, run_id: str, before: datetime) -> bool:
    try:
        run: Run = book.find(run_id)
    except UnknownName:
        return False
    return run.id == run_id and run.status.is_over and (run.ended_at or run.closes_at) < before
