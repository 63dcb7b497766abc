"""What a definition would come to now, by what was last read of its machines: for who is writing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from fleet.deployments.deployment import Deployment
from fleet.deployments.occurrences import Start, starts_of
from fleet.deployments.outlook import KnownMachine, Outlook, foresee
from fleet.deployments.prediction import PastInstall
from fleet.machines import Machine
from fleet.status import MachineStatus
from ops.deployments.host_files import require_known_calendar
from ops.deployments.overview import blackouts_of
from ops.deployments.past_installs import read_past_installs
from ops.deployments.shared_missing import read_shared_missing
from ops.deployments.targets import resolve_targets
from ops.home import Home
from ops.state.database import opened
from ops.state.statuses import StatusBook

_STARTS = 3
# Who writes asks again with every pause; nobody writes two at once.
_LAST: "dict[str, Foresight]" = {}
_TURN = Lock()


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a definition would come to: its machines in waves, what is said of its targets, its next starts."""

    outlook: Outlook
    waves: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    starts: tuple[Start, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its machines, in the order of the waves."""
        return tuple(name for wave in self.waves for name in wave)


def look_ahead(home: Home, deployment: Deployment, now: datetime, writing: str) -> Foreseen:
    """What ``deployment`` would come to at ``now``; ``writing`` names one act of writing it, whose machines are read
    once. Blocking, for a thread.

    Raises:
        BadInput, StoreBusy: as `Foresight.look`.
    """
    with _TURN:
        if writing not in _LAST:
            _LAST.clear()
            _LAST[writing] = Foresight(home)
        return _LAST[writing].look(deployment, now)


def forget_outlook() -> None:
    """Gives back what `look_ahead` has read."""
    _LAST.clear()


class Foresight:
    """Looks ahead for definitions of one home, again and again: each machine's updates and the history are read once.

    Blocking; for one thread at a time.
    """

    def __init__(self, home: Home, statuses: Sequence[MachineStatus] | None = None) -> None:
        self._home = home
        self._statuses = statuses
        self._by_id: dict[str, MachineStatus] = {}
        self._known: dict[str, KnownMachine] = {}
        self._history: tuple[PastInstall, ...] | None = None

    def look(self, deployment: Deployment, now: datetime) -> Foreseen:
        """What ``deployment`` would come to at ``now``.

        Raises:
            BadInput: a target, a wave, the schedule or its calendar cannot be used.
            NotPermitted: its calendar is one that no deployment has, and this is a session over SSH.
            StoreBusy: another process holds the tables.
        """
        require_known_calendar(self._home, deployment)
        schedule = deployment.schedule
        starts = starts_of(schedule, blackouts_of(deployment), now, _STARTS) if schedule else ()
        resolved = resolve_targets(self._home, deployment)
        self._read(resolved.machines)
        outlook = foresee(deployment, [self._known[each.id] for each in resolved.machines], self._past, now)
        waves = tuple(tuple(machine.name for machine in wave) for wave in resolved.waves)
        return Foreseen(outlook, waves, resolved.notes, starts)

    @property
    def _past(self) -> tuple[PastInstall, ...]:
        if self._history is None:
            self._history = read_past_installs(self._home)
        return self._history

    def _read(self, machines: Sequence[Machine]) -> None:
        """Learns what is known of ``machines``, where that was not asked before."""
        wanted = [machine for machine in machines if machine.id not in self._known]
        if not wanted:
            return
        if not self._by_id:
            self._by_id = {each.machine.id: each for each in self._statuses or _statuses_of(self._home)}
        found = read_shared_missing(self._home, {machine.id for machine in wanted})
        for machine in wanted:
            status = self._by_id.get(machine.id)
            answer = status.last_answer if status else None
            facts, own = answer.facts if answer else None, found.by_machine.get(machine.id, ())
            self._known[machine.id] = KnownMachine(machine.id, machine.name, facts, own, found.first_seen)


def _statuses_of(home: Home) -> Sequence[MachineStatus]:
    with opened(home.state_file) as connection:
        return StatusBook(connection).list_statuses()
