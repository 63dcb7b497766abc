"""A run once more: its events with the pauses that were between them, as fast as one likes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from ops.deployments import events
from ops.deployments.run_picture import RunPicture

# A run of a night is seen in a minute, unless one asks for more or less.
WHOLE_SECONDS = 60.0


class Replay:
    """The events of a run once more, with the pauses that were between them, ``speed`` times as fast.

    ``picture`` is how the run stood at ``at``, ``log_ends`` how many bytes each machine's log had by then.
    """

    def __init__(self, happened: Sequence[events.RunEvent]) -> None:
        self.picture = RunPicture()
        self.at: datetime = happened[0].at
        self.speed = max(1.0, round((happened[-1].at - happened[0].at).total_seconds() / WHOLE_SECONDS))
        self.log_ends: dict[str, int] = {}
        self._events = happened
        self._next = 0

    @property
    def is_over(self) -> bool:
        """Whether the last event was replayed."""
        return self._next >= len(self._events)

    def go_on(self, seconds: float) -> None:
        """Replays what happened in so many seconds, times the speed."""
        self.at += timedelta(seconds=seconds * self.speed)
        while not self.is_over and self._events[self._next].at <= self.at:
            event = self._events[self._next]
            self.picture.take(event)
            if isinstance(event, events.MachineLog):
                self.log_ends[event.machine_name] = event.log_to
            self._next += 1
