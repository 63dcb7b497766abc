"""Watching the clock: how much time has truly passed between two looks, and whether the wall clock was set."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ops.deployments.clock import seconds_since_boot
from ops.state.audit import utc_now

# NTP slews by less, and a busy console is not late by as much.
_JUMP = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Clocks:
    """``wall`` can be set. ``true`` seconds go on evenly, those of a suspended console too; ``awake`` seconds do not
    count those.
    """

    wall: Callable[[], datetime] = utc_now
    true: Callable[[], float] = seconds_since_boot
    awake: Callable[[], float] = time.monotonic


@dataclass(frozen=True, slots=True)
class Passed:
    """``true`` is how long it really was since the last reading, None at the first. ``has_jumped``: the wall clock did
    not go on evenly with a console that was awake: it was set, or the console slept.
    """

    now: datetime
    true: timedelta | None
    has_jumped: bool


class TimeWatch:
    """Reads the clocks, and compares each reading with the last."""

    def __init__(self, clocks: Clocks) -> None:
        self._clocks = clocks
        self._last: tuple[datetime, float, float] | None = None

    def peek(self) -> bool:
        """Whether the wall clock has jumped since the last reading; is not a reading itself."""
        if self._last is None:
            return False
        wall, _, awake = self._last
        return abs(self._clocks.wall() - wall - timedelta(seconds=self._clocks.awake() - awake)) > _JUMP

    def read(self) -> Passed:
        """The time now, and what lies between it and the last reading."""
        has_jumped = self.peek()
        reading = (self._clocks.wall(), self._clocks.true(), self._clocks.awake())
        last, self._last = self._last, reading
        if last is None:
            return Passed(reading[0], None, has_jumped=False)
        return Passed(reading[0], timedelta(seconds=max(0.0, reading[1] - last[1])), has_jumped)
