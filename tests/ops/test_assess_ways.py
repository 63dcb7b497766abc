"""What is remembered of machines for their next assessment."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, SearchWay, WindowsFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, TransportKind
from ops.assess_ways import remembered_ways
from ops.home import Home, open_home
from ops.state.database import connect
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home of its own."""
    return open_home(tmp_path / "home")


def _enrol(home: Home, *machines: Machine) -> None:
    with closing(connect(home.state_file)) as connection:
        for machine in machines:
            MachineBook(connection).add(machine)


def _answer(home: Home, machine: Machine, hours: int, way: SearchWay | None, failure: Failure | None = None) -> None:
    at = _NOW + timedelta(hours=hours)
    facts = MachineFacts(windows=WindowsFacts(search_way=way))
    with closing(connect(home.state_file)) as connection:
        StatusBook(connection).record(
            [Assessment(machine.id, machine.name, at, at, Coverage.UNKNOWN, facts, failure=failure)]
        )


def test_how_a_windows_was_searched_is_remembered_over_failures(home: Home) -> None:
    """And nothing of a machine that never answered, or is no Windows."""
    task, new, other = (
        Machine(id=f"id-{name}", name=name, transport=kind, address="192.0.2.1", created_at=_NOW)
        for name, kind in (("task", TransportKind.WINRM), ("new", TransportKind.WINRM), ("other", TransportKind.SSH))
    )
    _enrol(home, task, new, other)
    _answer(home, task, 0, SearchWay.TASK)
    _answer(home, task, 1, None, Failure(FailureKind.CONNECTION_LOST, "x", "y", "z"))

    assert remembered_ways(home, [task, new, other]) == {task.id: SearchWay.TASK}
