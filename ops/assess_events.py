"""What a scan tells while it runs: enough for a progress bar and for a list of machines that lives."""

from dataclasses import dataclass

from fleet.assessments import Assessment
from fleet.machines import Machine


@dataclass(frozen=True, slots=True)
class MachineStarted:
    """A connection to ``machine`` begins."""

    machine: Machine


@dataclass(frozen=True, slots=True)
class MachineFinished:
    """``machine`` answered or failed; it is the ``done``-th of ``total`` to do so. Not stored yet."""

    machine: Machine
    assessment: Assessment
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BatchCommitted:
    """What came in is stored: ``assessed`` machines, failed ones included."""

    batch_id: str
    assessed: int


AssessEvent = MachineStarted | MachineFinished | BatchCommitted
