"""Compliance of many machines, judged where they were read: the screen finds it done."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.compliance import Compliance
from fleet.machines import Machine, TransportKind
from fleet.status import MachineStatus
from tui.rows.judged import JudgedMachines

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_what_was_judged_ahead_is_not_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same machines a little later, only one that is another now."""
    judged: list[str] = []

    def judge(status: MachineStatus, now: datetime) -> Compliance:
        del now
        judged.append(status.machine.name)
        return Compliance.NOT_ASSESSED

    monkeypatch.setattr(MachineStatus, "compliance", judge)
    statuses = [MachineStatus(Machine(f"id-{name}", name, TransportKind.LOCAL, _NOW)) for name in ("a", "b", "c")]
    known = JudgedMachines()
    known.compliances(statuses, _NOW)
    judged.clear()
    statuses[1] = MachineStatus(Machine("id-d", "d", TransportKind.LOCAL, _NOW))
    assert known.compliances(statuses, _NOW + timedelta(seconds=5)) == [Compliance.NOT_ASSESSED] * 3
    assert judged == ["d"]
