"""What a run tells while it goes on: enough for a screen that lives, and for replaying it afterwards.

Every event is a line of `events.ndjson` in the run's folder: its name as ``event``, and its fields. What machines print
is not in there: `MachineLog` says which bytes of `MACHINE.log` came.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fleet.deployments.runs import MachineRunStatus, RunStatus, RunStep
from fleet.deployments.scripts import ScriptPlace, ScriptStage
from ops.state.documents import Codec


@dataclass(frozen=True, slots=True)
class RunBegan:
    """The run is taken up by a process; ``is_resumed`` if another one had begun it."""

    at: datetime
    run_id: str
    deployment: str
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class PlanFrozen:
    """What will be done is settled: ``updates`` on ``machines``, in ``waves``."""

    at: datetime
    hash: str
    machines: int
    updates: int
    waves: int


@dataclass(frozen=True, slots=True)
class RunWaits:
    """Nothing is done until ``until``; None where that is not known. ``why`` says what is waited for."""

    at: datetime
    why: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaveBegan:
    """The machines of a wave are taken up; waves count from 0."""

    at: datetime
    wave: int
    machines: int


@dataclass(frozen=True, slots=True)
class MachineStepBegan:
    """A machine is at a step."""

    at: datetime
    machine_id: str
    machine_name: str
    step: RunStep


@dataclass(frozen=True, slots=True)
class MachineRoundBegan:
    """A machine is offered more, after what was installed: ``updates`` are installed in the ``round``-th round."""

    at: datetime
    machine_id: str
    machine_name: str
    round: int
    updates: int


@dataclass(frozen=True, slots=True)
class MachineProgress:
    """Where the package manager of a machine stands, by its own word; ``percent`` None: it does not say."""

    at: datetime
    machine_id: str
    machine_name: str
    percent: float | None
    package: str
    doing: str


@dataclass(frozen=True, slots=True)
class MachineLog:
    """The bytes from ``log_from`` up to ``log_to`` of a machine's log came."""

    at: datetime
    machine_id: str
    machine_name: str
    log_from: int
    log_to: int


@dataclass(frozen=True, slots=True)
class MachineNote:
    """Something to know about a machine in work: a lost connection, a lock that is waited for, what is tried next."""

    at: datetime
    machine_id: str
    machine_name: str
    text: str


@dataclass(frozen=True, slots=True)
class MachineOver:
    """Nothing more will be done on a machine; ``error`` says why it ended as it did, where it did not succeed."""

    at: datetime
    machine_id: str
    machine_name: str
    status: MachineRunStatus
    error: str = ""
    updates_succeeded: int = 0
    updates_failed: int = 0
    updates_not_attempted: int = 0


@dataclass(frozen=True, slots=True)
class GatePassed:
    """All that must hold after a wave holds."""

    at: datetime
    wave: int


@dataclass(frozen=True, slots=True)
class GateFailed:
    """What does not hold after a wave, a line each; no further machine is begun."""

    at: datetime
    wave: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ScriptEnded:
    """A script ended; ``exit_status`` None: not in time. The machine's name is empty for one on the console."""

    at: datetime
    machine_name: str
    stage: ScriptStage
    place: ScriptPlace
    path: str
    exit_status: int | None
    elapsed_seconds: float


@dataclass(frozen=True, slots=True)
class BudgetExhausted:
    """More machines have failed than may; no further machine is begun."""

    at: datetime
    failed: int
    machines: int


@dataclass(frozen=True, slots=True)
class RunPaused:
    """No machine is begun until the run is resumed; those in work go on to their end."""

    at: datetime
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunResumed:
    """Machines are begun again."""

    at: datetime
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunCancelled:
    """Nothing more is begun; transactions that run are left to their end."""

    at: datetime
    user: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunNote:
    """Something to know about the whole run, such as a disk that is full."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class RunOver:
    """The run is over."""

    at: datetime
    status: RunStatus
    note: str = ""


RunEvent = (
    RunBegan
    | PlanFrozen
    | RunWaits
    | WaveBegan
    | MachineStepBegan
    | MachineRoundBegan
    | MachineProgress
    | MachineLog
    | MachineNote
    | MachineOver
    | GatePassed
    | GateFailed
    | ScriptEnded
    | BudgetExhausted
    | RunPaused
    | RunResumed
    | RunCancelled
    | RunNote
    | RunOver
)

_CLASSES: tuple[type[RunEvent], ...] = RunEvent.__args__
# Any: each codec is for one class, which the name in the line decides.
_CODECS: dict[str, Codec[Any]] = {cls.__name__: Codec(cls) for cls in _CLASSES}


def write_event(event: RunEvent) -> str:
    """``event`` as a line, with its newline."""
    name = type(event).__name__
    return f'{{"event":"{name}",{_CODECS[name].dump(event)[1:]}\n'


def read_event(line: str | bytes) -> RunEvent:
    """The event that `write_event` wrote.

    Raises:
        ValueError, KeyError, TypeError: it is not one, or one that only a newer Patchdeck knows.
    """
    plain = json.loads(line)
    if not isinstance(plain, dict):
        raise TypeError("it is not an object")
    event: RunEvent = _CODECS[plain.pop("event")].read(plain)
    return event
