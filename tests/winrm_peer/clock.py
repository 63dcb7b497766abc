"""The time on peers: it goes on by itself, and tests can push it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class PeerClock:
    """Seconds since it began, and the moment they stand for. Whoever listens is told of each push.

    Pushing it lets whatever lasts on a machine (a search, a task, a reboot) be over at once: nothing sleeps in a test.
    """

    begun: datetime = field(default_factory=lambda: datetime.now(UTC))
    _started: float = field(default_factory=time.monotonic)
    _pushed: float = 0.0
    _listeners: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def seconds(self) -> float:
        """How many seconds have gone by since the clock began, pushes included."""
        return time.monotonic() - self._started + self._pushed

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return self.begun + timedelta(seconds=self.seconds())

    def push(self, seconds: float) -> None:
        """Lets so many seconds go by at once."""
        with self._lock:
            self._pushed += seconds
            listeners = list(self._listeners)
        for told in listeners:
            told()

    def listen(self, told: Callable[[], None]) -> None:
        """Has ``told`` called after each push, in the thread that pushes."""
        with self._lock:
            self._listeners.append(told)
