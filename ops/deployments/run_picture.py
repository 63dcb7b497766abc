"""What is known of a run while it goes on, put together from its events: who is in work, at what, and what is done."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from fleet.deployments.runs import MachineRunStatus, RunStatus, RunStep
from ops.deployments import events
from ops.deployments.folder import read_events, run_folder
from ops.home import Home

_NOTES_KEPT = 50


@dataclass(frozen=True, slots=True)
class MachineInWork:
    """A machine at a step of its ``round`` since ``since``; ``percent`` None: its package manager does not say."""

    name: str
    step: RunStep
    since: datetime
    percent: float | None = None
    package: str = ""
    doing: str = ""
    round: int = 1


@dataclass(slots=True)
class RunPicture:
    """Grows with `take`; ``at`` is the time of the last event. ``in_work``, ``over`` and ``said`` are by the machine's
    id: what was said of it last, until it went on. ``notes`` are the last events that are no progress.
    """

    deployment: str = ""
    at: datetime | None = None
    machines: int | None = None
    updates: int = 0
    waves: int = 0
    wave: int | None = None
    status: RunStatus = RunStatus.WAITING
    waits_for: str = ""
    waits_until: datetime | None = None
    note: str = ""
    in_work: dict[str, MachineInWork] = field(default_factory=dict)
    over: dict[str, MachineRunStatus] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    notes: deque[events.RunEvent] = field(default_factory=lambda: deque(maxlen=_NOTES_KEPT))

    def take(self, event: events.RunEvent) -> None:
        """Takes in the next event; they come in the order of the file."""
        self.at = event.at
        self._take_machine(event)
        self._take_run(event)
        if not isinstance(event, events.MachineProgress | events.MachineLog | events.MachineStepBegan):
            self.notes.append(event)

    def count(self, status: MachineRunStatus) -> int:
        """How many machines are over with ``status``."""
        return sum(each is status for each in self.over.values())

    def _take_machine(self, event: events.RunEvent) -> None:
        match event:
            case events.MachineStepBegan(at=at, machine_id=machine_id, machine_name=name, step=step):
                self.in_work[machine_id] = MachineInWork(name, step, at, round=self._round_of(machine_id))
                self.over.pop(machine_id, None)
                self.said.pop(machine_id, None)
            case events.MachineProgress(machine_id=machine_id, machine_name=name):
                before = self.in_work.get(machine_id)
                step, since = (before.step, before.since) if before else (RunStep.INSTALL, event.at)
                progress = event.percent, event.package, event.doing
                self.in_work[machine_id] = MachineInWork(name, step, since, *progress, self._round_of(machine_id))
            case events.MachineRoundBegan(machine_id=machine_id, machine_name=name, round=number):
                self.in_work[machine_id] = MachineInWork(name, RunStep.PLAN, event.at, round=number)
                self.over.pop(machine_id, None)
                self.said.pop(machine_id, None)
            case events.MachineOver(machine_id=machine_id, status=status):
                self.in_work.pop(machine_id, None)
                self.over[machine_id] = status
                self.said.pop(machine_id, None)
            case events.MachineNote(machine_id=machine_id, text=text):
                self.said[machine_id] = text
            case _:
                pass

    def _round_of(self, machine_id: str) -> int:
        known = self.in_work.get(machine_id)
        return known.round if known else 1

    def _take_run(self, event: events.RunEvent) -> None:
        match event:
            case events.RunWaits(why=why, until=until):
                self.waits_for, self.waits_until = why, until
            case events.RunBegan(deployment=deployment):
                self.deployment, self.status = deployment, RunStatus.IN_PROGRESS
            case events.PlanFrozen(machines=machines, updates=updates, waves=waves):
                self.machines, self.updates, self.waves, self.waits_for = machines, updates, waves, ""
            case events.WaveBegan(wave=wave):
                self.wave, self.waits_for = wave, ""
            case events.RunPaused():
                self.status = RunStatus.PAUSED
            case events.RunResumed():
                self.status = RunStatus.IN_PROGRESS
            case events.RunOver(status=status, note=note):
                self.status, self.note, self.waits_for = status, note, ""
                self.in_work.clear()
            case _:
                pass


def picture_of(home: Home, run_id: str, at: datetime | None = None) -> RunPicture:
    """The run as its events have it up to now, or up to ``at``. Blocking."""
    picture = RunPicture()
    for event in read_events(run_folder(home, run_id))[0]:
        if at is None or event.at <= at:
            picture.take(event)
    return picture
