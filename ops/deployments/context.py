"""What everything that works on a run shares: its settings, its times, where it writes, whom it tells."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import RunStep
from fleet.machines import Machine
from ops.config import Settings
from ops.deployments.clock import SteadyClock
from ops.deployments.events import RunEvent
from ops.deployments.folder import RunFolder
from ops.deployments.ledger import Ledger
from ops.deployments.script_files import hash_script
from ops.deployments.worker import MachineWorker
from ops.home import Home
from ops.logs import log_error
from ops.state.runs import JournalEntry, JournalPhase

WorkerMaker = Callable[[Machine], MachineWorker]
# Events that could not be written for want of room; the oldest are lost first.
_MOST_EVENTS_KEPT = 10_000
_AGAIN_AFTER = timedelta(seconds=5)
_STEPS_OF_ROUND = frozenset(
    {
        RunStep.ASSESS_BEFORE,
        RunStep.PLAN,
        RunStep.CHECK,
        RunStep.INSTALL,
        RunStep.REBOOT,
        RunStep.RETURN,
        RunStep.ASSESS_AFTER,
    }
)


@dataclass(slots=True)
class RunContext:
    """A run that is being worked on. ``is_cancelled`` is set once nothing more is to be begun anywhere. ``settings``
    are those with which it was taken up: an editor that is at their file meanwhile breaks no run. ``approved_scripts``
    are the hashes of the script files that others approved, by path; None where no approval was needed.
    """

    home: Home
    run_id: str
    deployment: Deployment
    opens_at: datetime
    closes_at: datetime
    clock: SteadyClock
    ledger: Ledger
    folder: RunFolder
    make_worker: WorkerMaker
    on_event: Callable[[RunEvent], None]
    settings: Settings
    required_plan: str = ""
    approved_scripts: Mapping[str, str] | None = None
    is_cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    _unwritten: deque[RunEvent] = field(default_factory=lambda: deque(maxlen=_MOST_EVENTS_KEPT))
    _again_at: datetime | None = None

    def tell(self, event: RunEvent) -> None:
        """Write ``event`` to the folder and pass it on; what cannot be written now is written with a later one."""
        self._unwritten.append(event)
        if self._again_at is None or self.clock() >= self._again_at:
            self.write_events()
        self.on_event(event)

    def write_events(self) -> None:
        """Write what could not be written yet. While the disk is full this is tried, and logged, only now and then."""
        if not self._unwritten:
            return
        try:
            self.folder.add_events(tuple(self._unwritten))
        except OSError as error:
            if self._again_at is None:
                log_error("events not written", error, run=self.run_id)
            self._again_at = self.clock() + _AGAIN_AFTER
        else:
            self._unwritten.clear()
            self._again_at = None

    def entry(
        self, machine_id: str, step: RunStep, phase: JournalPhase, detail: Mapping[str, object] | None = None
    ) -> JournalEntry:
        """A journal entry of this run, of now."""
        text = json.dumps(detail, separators=(",", ":")) if detail else ""
        return JournalEntry(0, self.run_id, machine_id, self.clock(), step, phase, text)

    def find_script_change(self, path: str, content: bytes) -> str:
        """Why a script with this ``content`` is not run, in one line; empty if it may be."""
        if self.approved_scripts is None or self.approved_scripts.get(path) == hash_script(content):
            return ""
        return f"The script {path} is not the one that was approved: it was not run."

    async def pause(self, seconds: float) -> None:
        """Returns after ``seconds``, or at once when the run is cancelled."""
        if seconds <= 0 or self.is_cancelled.is_set():
            return
        try:
            async with asyncio.timeout(seconds):
                await self.is_cancelled.wait()
        except TimeoutError:
            return


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What the journal says of a step of one machine, or of the whole run. Details are JSON objects."""

    began_at: datetime | None = None
    is_over: bool = False
    detail: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[Mapping[str, object], ...] = ()


def without_round(steps: Mapping[RunStep, StepRecord]) -> dict[RunStep, StepRecord]:
    """``steps`` without those that each round has anew."""
    return {step: record for step, record in steps.items() if step not in _STEPS_OF_ROUND}


def read_steps(entries: list[JournalEntry]) -> dict[RunStep, StepRecord]:
    """What ``entries``, all of one machine or of the run, say of each step. The last time that a step began counts; of
    the steps of a round, only what was said since it began.
    """
    steps: dict[RunStep, StepRecord] = {}
    for entry in entries:
        known = steps.get(entry.step, StepRecord())
        detail = json.loads(entry.detail) if entry.detail else {}
        if entry.phase is JournalPhase.NOTE:
            steps[entry.step] = StepRecord(known.began_at, known.is_over, known.detail, (*known.notes, detail))
            if entry.step is RunStep.ROUND:
                steps = without_round(steps)
        elif entry.phase is JournalPhase.BEGIN:
            began_at = known.began_at if known.began_at is not None and not known.is_over else entry.at
            steps[entry.step] = StepRecord(began_at, False, {**known.detail, **detail}, known.notes)
        else:
            steps[entry.step] = StepRecord(known.began_at, True, detail, known.notes)
    return steps
