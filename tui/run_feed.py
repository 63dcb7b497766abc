"""What the screens of one run show: read again and again while it goes on, in a thread; silent when nothing is new."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from fleet.deployments.runs import MachineRun, Run
from fleet.errors import PatchdeckError
from fleet.instants import read_instant
from ops.deployments import events
from ops.deployments.folder import read_events, run_folder
from ops.deployments.log_tail import LogTail
from ops.deployments.run_logs import CommandLine, command_lines, harmless_line
from ops.deployments.run_picture import RunPicture
from ops.deployments.run_watch import RunLook, RunWatch
from ops.home import Home
from ops.state.runs import RunRequest
from tui.background import in_thread

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

# More than the lines of any screen.
_REPLAYED_BYTES = 32 * 1024
_PASSING = (events.MachineProgress, events.MachineLog)


class Side(StrEnum):
    """What is shown of a machine beside its row."""

    LOG = "log"
    COMMANDS = "commands"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The machine whose log or commands are to be read too."""

    machine_name: str
    side: Side


class RunFeed:
    """The run with ``run_id``. ``told`` are its events that are neither progress nor bytes of a log."""

    def __init__(self, home: Home, run_id: str) -> None:
        self.run_id = run_id
        self.run: Run | None = None
        self.machines: Sequence[MachineRun] = ()
        self.requests: Sequence[RunRequest] = ()
        self.picture = RunPicture()
        self.told: list[events.RunEvent] = []
        self.commands: list[CommandLine] = []
        self._home = home
        self._watch = RunWatch(home, run_id)
        self._tails: dict[str, LogTail] = {}
        self._is_looking = False
        self._is_broken = False
        self._looked_for: tuple[Wanted | None, bool] | None = None
        # The earlier instant that is shown, None for now; until then it goes, and no further.
        self._instant: datetime | None = None
        self._log_ends: dict[str, int] = {}

    def look(self, deck: "PatchdeckApp", wanted: Wanted | None, changed: Callable[[], None]) -> None:
        """Reads what is new, and calls ``changed`` in the app if there is anything; one reading at a time.

        A run that is over and was read to its end is not read again, unless something else is ``wanted``.
        """
        if self._instant != deck.instant and not self._is_looking:
            self._begin_anew(deck.instant)
        if self._is_looking or self._looked_for == (wanted, True):
            return
        self._is_looking, instant = True, self._instant

        def take(read: tuple[RunLook, list[CommandLine] | None, bool]) -> None:
            if instant == deck.instant:
                self._take(read, wanted, changed)
            else:
                self._is_looking = False

        fail = lambda error: self._fail(deck, error)  # noqa: E731  # one expression, used once
        in_thread(deck, lambda: self._read(wanted), take, fail, what="following the run")

    def _begin_anew(self, instant: datetime | None) -> None:
        """Forgets what was read: the run is shown as it stood at ``instant``."""
        self._instant, self._looked_for = instant, None
        self.run, self.machines, self.requests = None, (), ()
        self.picture, self.told, self.commands = RunPicture(), [], []
        self._watch, self._tails, self._log_ends = RunWatch(self._home, self.run_id, instant), {}, {}

    def tail(self, machine_name: str) -> LogTail:
        """The end of the machine's log, as far as it was read."""
        if machine_name not in self._tails:
            until = None if self._instant is None else self._log_ends.get(machine_name, 0)
            self._tails[machine_name] = LogTail(self._home, self.run_id, machine_name, until)
        return self._tails[machine_name]

    def log_lines(self, machine_name: str) -> list[str]:
        """The last lines of the machine's log, that which has no end yet too."""
        tail = self.tail(machine_name)
        return [*tail.lines, tail.unfinished] if tail.unfinished else list(tail.lines)

    def replayed_lines(self, machine_name: str, end: int) -> list[str]:
        """The last lines of the machine's log when it had ``end`` bytes. Blocking."""
        start = max(0, end - _REPLAYED_BYTES)
        portion = run_folder(self._home, self.run_id).read_log(machine_name, start, end - start)
        return [harmless_line(line) for line in portion.split(b"\n") if line]

    def replayed_events(self) -> list[events.RunEvent]:
        """Every event of the run so far, or until the instant that is shown. Blocking."""
        happened = read_events(run_folder(self._home, self.run_id))[0]
        return [event for event in happened if self._instant is None or event.at <= self._instant]

    def told_of(self, machine_id: str, machine_name: str) -> list[events.RunEvent]:
        """What was told of one machine."""
        return [event for event in self.told if _is_of(event, machine_id, machine_name)]

    def machine(self, machine_id: str) -> MachineRun | None:
        """The machine of the run, None before the plan is frozen."""
        return next((each for each in self.machines if each.machine_id == machine_id), None)

    @property
    def is_pending(self) -> str:
        """What is asked of the run and not done yet; empty where nothing is."""
        return self.requests[-1].action.value if self.requests else ""

    def _read(self, wanted: Wanted | None) -> tuple[RunLook, list[CommandLine] | None, bool]:
        look = self._watch.look()
        if self._instant is not None:
            self._log_ends |= {e.machine_name: e.log_to for e in look.events if isinstance(e, events.MachineLog)}
        if wanted is None:
            return look, None, False
        if wanted.side is Side.COMMANDS:
            commands = command_lines(self._home, self.run_id, wanted.machine_name)
            return look, [each for each in commands if self._instant is None or is_by(each.at, self._instant)], False
        return look, None, self.tail(wanted.machine_name).read()

    def _take(
        self, read: tuple[RunLook, list[CommandLine] | None, bool], wanted: Wanted | None, changed: Callable[[], None]
    ) -> None:
        look, commands, has_log = read
        self._is_looking = self._is_broken = False
        known = (self.run, self.requests, [id(each) for each in self.machines])
        is_new = known != (look.run, look.requests, [id(each) for each in look.machines]) or bool(look.events)
        is_new |= has_log or (commands is not None and commands != self.commands)
        is_new |= self._looked_for is None or self._looked_for[0] != wanted
        self.run, self.machines, self.requests = look.run, look.machines, look.requests
        self.commands = self.commands if commands is None else commands
        for event in look.events:
            self.picture.take(event)
            if not isinstance(event, _PASSING):
                self.told.append(event)
        is_settled = look.run.status.is_over or self._instant is not None
        self._looked_for = wanted, is_settled and not look.events and not has_log
        if is_new:
            changed()

    def _fail(self, deck: "PatchdeckApp", error: PatchdeckError) -> None:
        # What was read stays on the screen; the trouble is told once, however long it lasts.
        if not self._is_broken:
            deck.complain(error)
        self._is_looking, self._is_broken = False, True
        if self._instant is not None:  # the past does not move
            self._looked_for = self._looked_for or (None, True)


def is_by(text: str, instant: datetime) -> bool:
    """Whether the time in ``text`` is not later than ``instant``; not, where it cannot be read."""
    try:
        return read_instant(text, instant) <= instant
    except PatchdeckError:
        return False


def _is_of(event: events.RunEvent, machine_id: str, machine_name: str) -> bool:
    if isinstance(event, events.ScriptEnded):
        return event.machine_name == machine_name
    return getattr(event, "machine_id", None) == machine_id
