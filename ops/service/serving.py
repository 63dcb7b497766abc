"""The service at work: looks when something is due or was written, has its duties attend to it, keeps its lease."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.errors import HomeIsNewer, PatchdeckError
from ops.logs import log_error, log_event
from ops.service.changes import ChangeWatch
from ops.service.doing import Doing, Trouble, write_doing
from ops.service.duty import Duty, Look, Post
from ops.service.lease import BEAT_SECONDS, HeldLease
from ops.service.notify import notify, watchdog_seconds
from ops.service.settings_watch import SettingsWatch
from ops.service.time_watch import Clocks, TimeWatch

# What a person takes for "at once". A look at the number of the last change takes microseconds.
LOOK_SECONDS = 0.5
# A duty that could not attend is asked again, whatever it was.
_AGAIN_AFTER = timedelta(seconds=30)
_LONGEST = timedelta(minutes=10)
# Orderly ends are quick: what goes on, on machines, goes on without us.
END_SECONDS = 45.0


class LeaseLost(PatchdeckError):
    """Another service has taken the lease: this one was taken for dead, on a console that stood still."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the service looks, says that it lives, and says what it does while that changes."""

    look_seconds: float = LOOK_SECONDS
    beat_seconds: float = BEAT_SECONDS
    told_seconds: float = 1.0


class Service:
    """The service of a home, from when its lease is held. ``make_duties`` makes what it does."""

    def __init__(
        self,
        held: HeldLease,
        make_duties: Callable[[Post], Sequence[Duty]],
        clocks: Clocks | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._clocks = clocks or Clocks()
        self._pace = pace or Pace()
        self._held = held
        self._wake = asyncio.Event()
        self._duties = make_duties(Post(held.home, held.lease.token, self._clocks.wall, self._wake.set))
        self._settings = SettingsWatch(held.home)
        self._time = TimeWatch(self._clocks)
        self._since = self._clocks.wall()
        self._broken: dict[str, str] = {}
        self._told = ""
        self._beaten_at = -self._pace.beat_seconds
        self._watchdog_at = 0.0
        self._watchdog_seconds = watchdog_seconds()

    async def serve(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Works until ``stop`` is set. ``on_ready`` is called once it has looked for the first time.

        Raises:
            LeaseLost: another service works for the home, or it is gone.
            HomeIsNewer: a newer Patchdeck has changed the home.
        """
        stopping = asyncio.create_task(self._wake_at(stop))
        watch = ChangeWatch(self._held.home, self._held.lease.token)
        try:
            await self._work(stop, watch, on_ready)
        finally:
            stopping.cancel()
            notify("STOPPING=1")
            await self._end(watch)
            watch.close()

    async def _work(self, stop: asyncio.Event, watch: ChangeWatch, on_ready: Callable[[], None]) -> None:
        next_at = self._clocks.wall()
        is_ready = False
        while not stop.is_set():
            is_asked = self._wake.is_set()
            self._wake.clear()
            if watch.has_changed() or is_asked or self._clocks.wall() >= next_at or self._time.peek():
                self._check_lease(watch.is_ours())
                next_at = await self._attend()
            self._beat(watch)
            if not is_ready:
                is_ready = True
                notify("READY=1")
                on_ready()
            await self._rest()

    async def _attend(self) -> datetime:
        passed = self._time.read()
        if passed.has_jumped:
            log_event("clock jumped", now=passed.now)
            self._since = passed.now
        look = Look(passed.now, passed.true, self._since, self._settings.current())
        wanted = [await self._attend_one(duty, look) for duty in self._duties]
        return min([at for at in wanted if at is not None] + [passed.now + _LONGEST])

    async def _attend_one(self, duty: Duty, look: Look) -> datetime | None:
        try:
            wanted = await duty.attend(look)
        except HomeIsNewer:
            raise  # its own Patchdeck can work for it only when this one ends
        # The edge of a duty: what one cannot do costs the others nothing, and is tried again.
        except Exception as error:  # noqa: BLE001
            text = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
            if self._broken.get(duty.name) != text:
                log_error("duty failed", error, duty=duty.name)
            self._broken[duty.name] = text
            return look.now + _AGAIN_AFTER
        self._broken.pop(duty.name, None)
        return wanted

    def _beat(self, watch: ChangeWatch, *, is_ending: bool = False) -> None:
        """Say that we live, from time to time and when what we do has changed."""
        now = time.monotonic()
        if self._watchdog_seconds is not None and now >= self._watchdog_at:
            self._watchdog_at = now + self._watchdog_seconds
            notify("WATCHDOG=1")
        doing = write_doing(self._doing(is_ending))
        gap_seconds = self._pace.beat_seconds if doing == self._told else self._pace.told_seconds
        if now < self._beaten_at + gap_seconds and not is_ending:
            return
        self._told, self._beaten_at = doing, now
        if not self._held.is_in_place():
            raise LeaseLost(f"The home {self._held.home.path} is gone, or another is in its place; this service ends.")
        try:
            is_ours = watch.beat(self._clocks.wall(), doing)
        except PatchdeckError as error:
            log_error("lease not written", error)  # a full disk: the lock of the file holds all the same
            return
        self._check_lease(is_ours)

    def _check_lease(self, is_ours: bool) -> None:
        """Who has lost the lease begins nothing any more."""
        if not is_ours:
            raise LeaseLost(f"Another service has taken over {self._held.home.path}; this one ends.")

    def _doing(self, is_ending: bool) -> Doing:
        activities = tuple(each for duty in self._duties for each in duty.activities())
        troubles = [each for duty in self._duties for each in duty.troubles()]
        troubles += [Trouble(name, text) for name, text in self._broken.items()]
        if self._settings.problem:
            troubles.append(Trouble("settings", self._settings.problem))
        return Doing(activities, tuple(troubles), is_ending)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.look_seconds):
                await self._wake.wait()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _end(self, watch: ChangeWatch) -> None:
        with suppress(PatchdeckError):
            self._beat(watch, is_ending=True)
        ends = [asyncio.create_task(duty.end()) for duty in self._duties]
        _, late = await asyncio.wait(ends, timeout=END_SECONDS)
        for task in late:
            task.cancel()
        for task in ends:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                log_error("duty did not end well", error)
        log_event("service ended", late=len(late))
