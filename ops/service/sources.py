"""The duty of followed sources: lists that machines come from are read again when it is time, one after the other."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from fleet.errors import PatchdeckError
from fleet.importing.source import Source
from ops.home import Home
from ops.importing.sources import SourceReading, due_sources, list_sources, run_source
from ops.logs import log_error, log_event
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post

# What broke a reading otherwise than by a list that cannot be read is tried again after so long.
_LOOK_AGAIN = timedelta(minutes=5)

Run = Callable[[Home, str, Callable[[], datetime]], SourceReading]


class SourcesDuty:
    """Reads followed sources. ``run`` reads one; blocking."""

    name = "sources"

    def __init__(self, post: Post, run: Run = run_source) -> None:
        self._post = post
        self._run = run
        self._task: asyncio.Task[None] | None = None
        self._activity: Activity | None = None
        self._is_ending = False
        self._again_at: datetime | None = None
        self._error = ""
        self._unreadable: tuple[str, ...] = ()

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: reads what is due; the list that was due first is read first."""
        if self._is_ending or (self._task is not None and not self._task.done()):
            return None  # its end asks for a look
        if self._again_at is not None and look.now < self._again_at <= look.now + _LOOK_AGAIN:
            return self._again_at
        due, next_at, self._unreadable = await asyncio.to_thread(self._look_up, look.now)
        if due:
            self._task = asyncio.create_task(self._read(sorted(due, key=lambda source: source.due_at)))
        return next_at

    def activities(self) -> Sequence[Activity]:
        """The source that is read now."""
        return () if self._activity is None else (self._activity,)

    def troubles(self) -> Sequence[Trouble]:
        """Which sources could not be read, and why."""
        said = (*self._unreadable, *filter(None, (self._error,)))
        return [Trouble(self.name, text) for text in said]

    async def end(self) -> None:
        """See `Duty`: the source in work is read to its end, the others are left to the next service."""
        self._is_ending = True
        if self._task is not None:
            await asyncio.wait({self._task})

    def _look_up(self, now: datetime) -> tuple[list[Source], datetime | None, tuple[str, ...]]:
        home = self._post.home
        due, next_at = due_sources(home, now)
        unreadable = [source for source in list_sources(home, followed_only=True) if source.error]
        return due, next_at, tuple(f"{source.name} could not be read: {source.error}" for source in unreadable)

    async def _read(self, sources: Sequence[Source]) -> None:
        try:
            self._error, self._again_at = "", None
            for source in sources:
                if self._is_ending:
                    return
                self._activity = Activity(self.name, f"reads {source.name}", self._post.clock())
                reading = await asyncio.to_thread(self._run, self._post.home, source.name, self._post.clock)
                _log(reading)
        # The edge of the task: what broke it is told, and tried again.
        except Exception as error:  # noqa: BLE001
            log_error("a source could not be read", error)
            self._error = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
            self._again_at = self._post.clock() + _LOOK_AGAIN
        finally:
            self._activity = None
            self._post.look_again()


def _log(reading: SourceReading) -> None:
    source, outcome = reading.source, reading.outcome
    if outcome is None:
        log_event("source not read", source=source.name, error=source.error)
        return
    counts = {state.value: count for state, count in outcome.counts.items()}
    log_event("source read", source=source.name, proposed=len(reading.proposed), **counts)
