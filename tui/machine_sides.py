"""What the page of a machine reads besides what it misses, each when its tab is first looked at: history and logs."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from ops.apart.reader import ask_apart
from tui.background import read_at_instant

if TYPE_CHECKING:
    from ops.machine_events import MachineEvent
    from ops.machine_logs import MachineLog
    from tui.app import PatchdeckApp


class MachineSides:
    """Reads for the machine with ``machine_id`` and calls ``show`` when something is there.

    ``history`` and ``logs`` are None until they are read; ``problem`` says what could not be, and what was read stays.
    """

    def __init__(self, machine_id: str, show: Callable[[], None]) -> None:
        self._machine_id = machine_id
        self._show = show
        self._reading: set[str] = set()
        self._old: set[str] = set()
        self.history: list[MachineEvent] | None = None
        self.logs: list[MachineLog] | None = None
        self.problem = ""

    def forget(self) -> None:
        """What was read is of another instant."""
        self.history = self.logs = None
        self.problem = ""

    def renew(self) -> None:
        """There may be more by now: what was read stays until it is read again, when it is wanted."""
        self._old = {"history", "logs"}
        self.problem = ""

    def want(self, deck: "PatchdeckApp", what: str) -> None:
        """Reads ``history`` or ``logs``, unless they are there or being read, or could not be."""
        is_there = getattr(self, what) is not None and what not in self._old
        if is_there or what in self._reading or self.problem:
            return
        self._reading.add(what)
        self._old.discard(what)

        def take(found: object) -> None:
            self._reading.discard(what)
            setattr(self, what, found)
            self._show()

        def fail(error: PatchdeckError) -> None:
            self._reading.discard(what)
            self.problem = str(error)
            deck.complain(error)
            self._show()

        work = self._read_history if what == "history" else self._read_logs
        read_at_instant(deck, lambda at: work(deck, at), take, fail, what=f"reading the {what}")

    def _read_history(self, deck: "PatchdeckApp", at: datetime | None) -> object:
        from ops.machine_events import machine_events

        return ask_apart(deck.home, machine_events, self._machine_id, deck.clock(), at)

    def _read_logs(self, deck: "PatchdeckApp", at: datetime | None) -> object:
        from ops.machine_logs import list_logs

        status = deck.fleet.find(self._machine_id)
        logs = list_logs(deck.home, status.machine) if status else []
        return [log for log in logs if at is None or log.at <= at]


def open_side(deck: "PatchdeckApp", sides: MachineSides, machine_id: str, name: str, tab: str, key: str) -> None:
    """Opens the log with the id ``key``, or the run of the event with that number."""
    if tab == "logs":
        from tui.screens.machine_log import MachineLogScreen

        log = next((each for each in sides.logs or () if each.id == key), None)
        if log is not None:
            deck.push_screen(MachineLogScreen(log, machine_id, name))
        return
    from tui.run_feed import RunFeed
    from tui.screens.run_machine import RunMachineScreen

    known = sides.history or []
    event = known[int(key)] if int(key) < len(known) else None
    if event is None or not event.run_id:
        deck.say("This event was part of no run.")
    else:
        deck.push_screen(RunMachineScreen(RunFeed(deck.home, event.run_id), machine_id))
