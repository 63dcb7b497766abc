"""The scan that the app runs: in a thread of its own, so that no machine and no library ever holds up the screen."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from fleet.machines import Machine
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.config import Settings
from ops.home import Home

if TYPE_CHECKING:
    from ops.assess import BatchResult, FleetOptions

Event = TypeVar("Event")

QUEUED = "queued"
RUNNING = "running …"


def scan_options(home: Home, settings: Settings) -> "FleetOptions":
    """What the settings say of a scan; secrets come from where ``home`` keeps them, the app never asks for one."""
    from ops.assess import FleetOptions
    from ops.credentials.finding import HomeSecrets

    return FleetOptions(
        deadline_seconds=settings.assess_deadline_seconds,
        windows_deadline_seconds=settings.assess_windows_deadline_seconds,
        concurrency=settings.assess_concurrency,
        max_output_bytes=settings.assess_max_output_mib * 1024 * 1024,
        secrets=HomeSecrets(home),
    )


class Scan:
    """One running assessment of ``machines``: what is shown of each, and how many are done.

    Only the app's own thread reads it; `take` is how the scan's events come in.
    """

    def __init__(self, machines: Sequence[Machine]) -> None:
        enabled = [machine for machine in machines if machine.enabled]
        self.machines = tuple(machines)
        self.progress: dict[str, str] = {machine.id: QUEUED for machine in enabled}
        self.total = len(enabled)
        self.done = 0
        self.failed = 0
        self.is_stopping = False
        self._stop: Callable[[], None] = lambda: None

    def take(self, event: AssessEvent) -> None:
        """Counts ``event`` in."""
        match event:
            case MachineStarted(machine):
                self.progress[machine.id] = RUNNING
            case MachineFinished(machine, assessment, done):
                self.progress.pop(machine.id, None)
                self.done = done
                self.failed += assessment.failure is not None
            case BatchCommitted():
                self.progress.clear()

    def stop(self) -> None:
        """Begins no machine any more and stores what came in."""
        self.is_stopping = True
        self._stop()

    def run(
        self,
        home: Home,
        options: "FleetOptions",
        on_event: Callable[[AssessEvent], None],
        clock: Callable[[], datetime],
    ) -> "BatchResult":
        """Assesses the machines; blocking, for a thread. ``on_event`` is called in that thread."""
        return asyncio.run(self._assess(home, options, on_event, clock))

    async def _assess(
        self,
        home: Home,
        options: "FleetOptions",
        on_event: Callable[[AssessEvent], None],
        clock: Callable[[], datetime],
    ) -> "BatchResult":
        from ops.assess import assess_fleet

        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: _set_in(loop, stop)
        if self.is_stopping:
            stop.set()
        return await assess_fleet(home, self.machines, options, on_event, stop=stop, clock=clock, asked=True)


def _set_in(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(event.set)


class Mailbox(Generic[Event]):
    """Hands events from a thread to the app in handfuls: however many come, the app is called a few times a second."""

    def __init__(
        self, deliver: Callable[[list[Event]], None], call_in_app: Callable[[Callable[[], None]], object]
    ) -> None:
        self._deliver = deliver
        self._call_in_app = call_in_app
        self._lock = threading.Lock()
        self._waiting: list[Event] = []

    def put(self, event: Event) -> None:
        """Takes ``event``; from any thread."""
        with self._lock:
            self._waiting.append(event)
            is_first = len(self._waiting) == 1
        if is_first:
            self._call_in_app(self.empty)

    def empty(self) -> None:
        """Delivers all that came so far; in the app's thread."""
        with self._lock:
            events, self._waiting = self._waiting, []
        if events:
            self._deliver(events)
