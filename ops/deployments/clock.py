"""The time of a run: one reading of the wall clock when the process takes the run up, then monotonic time.

Somebody who sets the console's clock neither opens nor closes a window. After a restart the stored times hold.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from ops.state.audit import utc_now

# A timer of the event loop stands still while the console is suspended; it is looked at again after so long.
_LOOK_SECONDS = 30.0


def seconds_since_boot() -> float:
    """Monotonic seconds, those in which the console was suspended counted where the system can."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class SteadyClock:
    """UTC that goes on evenly from what ``wall`` says when this is made. Calling it gives the time."""

    def __init__(
        self, wall: Callable[[], datetime] = utc_now, monotonic: Callable[[], float] = seconds_since_boot
    ) -> None:
        self._monotonic = monotonic
        self._wall_then = wall()
        self._monotonic_then = monotonic()

    def __call__(self) -> datetime:
        """The time now."""
        return self._wall_then + timedelta(seconds=self._monotonic() - self._monotonic_then)

    def seconds_until(self, at: datetime) -> float:
        """How long it is until ``at``; negative when that is over."""
        return (at - self()).total_seconds()

    async def sleep_until(self, at: datetime) -> None:
        """Returns when it is ``at``."""
        while (left := self.seconds_until(at)) > 0:  # noqa: ASYNC110 - no event tells that the console woke up
            await asyncio.sleep(min(left, _LOOK_SECONDS))
