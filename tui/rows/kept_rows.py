"""Rows of machines that are kept: of ten thousand, only those are made anew of which something is other than before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import NamedTuple

from fleet.compliance import Compliance
from fleet.status import MachineStatus
from tui.rows.ages import describe_age
from tui.rows.machine_rows import in_default_order, machine_row
from tui.widgets.rows import Row


class _Made(NamedTuple):
    status: MachineStatus
    compliance: Compliance
    age: str
    row: Row


class KeptRows:
    """The rows of the machines that were last asked for; threads take their turn."""

    def __init__(self) -> None:
        self._made: dict[str, _Made] = {}
        self._rows: list[Row] = []
        self._turn = Lock()

    def rows(self, statuses: Sequence[MachineStatus], now: datetime, progress: Mapping[str, str]) -> list[Row]:
        """As `machine_rows`. What is shown of a machine hangs on its status, and of time on two words only."""
        with self._turn:
            return self._renew(statuses, now, progress)

    def _renew(self, statuses: Sequence[MachineStatus], now: datetime, progress: Mapping[str, str]) -> list[Row]:
        before, is_same = self._made, len(statuses) == len(self._rows)
        made: dict[str, _Made] = {}
        for status in statuses:
            machine_id, attempt = status.machine.id, status.last_attempt
            age = progress.get(machine_id) or describe_age(attempt.ended_at if attempt else None, now)
            compliance = status.compliance(now)
            known = before.get(machine_id)
            if known is None or known.status is not status or known.compliance is not compliance or known.age != age:
                row = machine_row(status, now, progress.get(machine_id))
                known, is_same = _Made(status, compliance, age, row), False
            made[machine_id] = known
        if not is_same:
            self._rows = in_default_order(each.row for each in made.values())
        self._made = made
        return self._rows
