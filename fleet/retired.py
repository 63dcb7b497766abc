"""Machines that were retired: not touched, not counted, their names free; their history stays under their ids."""

from dataclasses import dataclass
from datetime import datetime

from fleet.machines import Machine
from fleet.status import AssessmentSummary, MachineStatus


@dataclass(frozen=True, slots=True)
class RetiredMachine:
    """A machine as it was when ``retired_by`` retired it, with what was known of it then."""

    machine: Machine
    retired_at: datetime
    retired_by: str
    reason: str = ""
    last_attempt: AssessmentSummary | None = None
    last_answer: AssessmentSummary | None = None

    @property
    def status(self) -> MachineStatus:
        """What was known of it."""
        return MachineStatus(self.machine, self.last_attempt, self.last_answer)

    def describe(self) -> str:
        """``web-01 (id …), retired on 2026-11-23 by anna: replaced by web-07``."""
        why = f": {self.reason}" if self.reason else ""
        machine = self.machine
        return f"{machine.name} (id {machine.id}), retired on {self.retired_at:%Y-%m-%d} by {self.retired_by}{why}"
