"""The duty of messages: delivers what is in the outbox, each channel by itself, so that a dead one delays no other."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fleet.deliveries import wait_after
from fleet.errors import PatchdeckError
from ops.config import Settings
from ops.home import Home
from ops.logs import log_error, log_event
from ops.messages.delivering import ChannelDelivery, Delivered
from ops.messages.failures import describe_failing
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.deliveries import DeliveryBook

_TIDY_EVERY = timedelta(hours=1)
# A message that is handed over now may come to its end; what takes longer is left to the next service.
_END_SECONDS = 10.0

# Delivers what is due for the channel of that name, while it may go on.
Deliver = Callable[[Home, str, Settings, Callable[[], datetime], Callable[[], bool]], Coroutine[Any, Any, Delivered]]


@dataclass(slots=True)
class _Lane:
    """A channel. ``failures`` is how often in a row it took nothing; until ``closed_until`` it is left alone.

    ``edition`` is its definition then: once that is another, somebody may have mended it.
    """

    name: str
    failures: int = 0
    closed_until: datetime | None = None
    problem: str = ""
    edition: str = ""
    task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        return self.task is not None and not self.task.done()


async def deliver_due(
    home: Home, name: str, settings: Settings, clock: Callable[[], datetime], may_go_on: Callable[[], bool]
) -> Delivered:
    """What `ChannelDelivery` does."""
    return await ChannelDelivery(home, name, settings, clock, may_go_on).deliver()


class MessagesDuty:
    """Delivers messages, and lets old ones go."""

    name = "messages"

    def __init__(self, post: Post, deliver: Deliver = deliver_due) -> None:
        self._post = post
        self._deliver = deliver
        self._lanes: dict[str, _Lane] = {}
        self._is_ending = False
        self._tidied_at: datetime | None = None
        self._failing: tuple[str, ...] = ()

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: begins to deliver what is due."""
        if self._is_ending:
            return None
        due, wanted = await asyncio.to_thread(self._read, look)
        # Not that of the look: a lane that was closed since would seem to be closed by a clock that was ahead.
        now = self._post.clock()
        later: list[datetime] = [] if self._tidied_at is None else [self._tidied_at + _TIDY_EVERY]
        for name, at in due.items():
            lane = self._lanes.setdefault(name.casefold(), _Lane(name))
            opens_at = self._opens_at(lane, at, now)
            if lane.is_busy:
                continue  # its end asks for a look
            if opens_at > now and name not in wanted:
                later.append(opens_at)
            elif self._has_room(lane, look.settings):
                lane.task = asyncio.create_task(self._work(lane, look.settings))
        return min(later, default=None)

    def activities(self) -> Sequence[Activity]:
        """A message is handed over in a moment."""
        return ()

    def troubles(self) -> Sequence[Trouble]:
        """Which channels do not take messages now, and which could not deliver the last one."""
        closed = [lane for lane in self._lanes.values() if lane.problem]
        said = [f"channel {lane.name} takes no messages: {lane.problem}" for lane in closed]
        known = tuple(f"channel {lane.name} " for lane in closed)
        others = [text for text in self._failing if not text.startswith(known)]
        return [Trouble(self.name, text) for text in (*said, *others)]

    async def end(self) -> None:
        """See `Duty`: what is handed over at this moment may come to its end."""
        self._is_ending = True
        tasks = [lane.task for lane in self._lanes.values() if lane.task is not None and lane.is_busy]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_END_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.wait(tasks)

    def _read(self, look: Look) -> tuple[Mapping[str, datetime], frozenset[str]]:
        self._tidy(look)
        with opened(self._post.home.state_file) as connection:
            book = DeliveryBook(connection)
            due = book.due_channels(look.now)
            closed = [name for name in due if self._lanes.get(name.casefold(), _Lane(name)).failures]
            channels = ChannelBook(connection)
            mended = (name for name in closed if channels.edition(name) != self._lanes[name.casefold()].edition)
            return due, frozenset([*mended, *(name for name in closed if book.is_wanted(name, look.now))])

    def _edition(self, name: str) -> str:
        with opened(self._post.home.state_file) as connection:
            return ChannelBook(connection).edition(name)

    def _tidy(self, look: Look) -> None:
        now, kept_days = look.now, look.settings.messages_kept_days
        if self._tidied_at is not None and self._tidied_at <= now < self._tidied_at + _TIDY_EVERY:
            return
        with opened(self._post.home.state_file) as connection:
            if kept_days and (gone := DeliveryBook(connection).let_go(now - timedelta(days=kept_days))):
                log_event("old messages let go", messages=gone)
        self._note_failing()
        self._tidied_at = now

    def _note_failing(self) -> None:
        """What cannot be read of one channel keeps the messages of no other."""
        try:
            with opened(self._post.home.state_file) as connection:
                self._failing = tuple(describe_failing(connection))
        except PatchdeckError as error:
            self._failing = (str(error),)

    def _opens_at(self, lane: _Lane, due_at: datetime, now: datetime) -> datetime:
        """When the next message is handed over; a clock that was set back closes no lane for longer."""
        if lane.closed_until is not None and lane.closed_until > now + wait_after(lane.failures):
            lane.closed_until = now
        return max(due_at, lane.closed_until or due_at)

    def _has_room(self, lane: _Lane, settings: Settings) -> bool:
        """Whether one more channel may be served now: those that failed before may take half of the places only."""
        busy = [each for each in self._lanes.values() if each.is_busy]
        most = settings.messages_at_once
        if lane.failures and sum(each.failures > 0 for each in busy) >= max(1, most // 2):
            return False
        return len(busy) < most

    async def _work(self, lane: _Lane, settings: Settings) -> None:
        try:
            lane.edition = await asyncio.to_thread(self._edition, lane.name)
            may_go_on = lambda: not self._is_ending  # noqa: E731
            done = await self._deliver(self._post.home, lane.name, settings, self._post.clock, may_go_on)
            problem = done.problem
            await asyncio.to_thread(self._note_failing)
        # The edge of a channel: whatever broke it, the others go on, and it is tried again.
        except Exception as error:  # noqa: BLE001
            log_error("messages not delivered", error, channel=lane.name)
            problem = str(error) if isinstance(error, PatchdeckError) else type(error).__name__
        lane.problem = problem
        lane.failures = lane.failures + 1 if problem else 0
        lane.closed_until = self._post.clock() + wait_after(lane.failures) if problem else None
        self._post.look_again()
