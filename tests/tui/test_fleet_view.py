"""What the app holds of a large fleet: what lists show, and all of one machine when it is looked at."""

import sqlite3
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.groups.facts import FACTS
from fleet.machines import Machine, OSType, TransportKind
from fleet.status import MachineStatus
from ops.home import open_home
from ops.state.database import opened, transaction
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook
from tui.fleet_view import FleetView
from tui.rows.kept_rows import KeptRows
from tui.rows.machine_rows import MACHINE_COLUMNS, machine_rows
from tui.widgets.contents import Contents

_NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_MACHINES = 2_000
# Statuses, rows and what a filter looks in: 1,370 bytes as measured, 2,270 with all facts.
_MOST_BYTES_EACH = 1_600


def _machine(number: int) -> Machine:
    tags = {"role": f"role-{number % 7}"}
    name = f"web-{number:05}"
    return Machine(
        f"id-{number:08}",
        name,
        TransportKind.SSH,
        _NOW,
        address=f"10.0.{number >> 8}.{number & 255}",
        user="admin",
        tags=tags,
    )


def _assessment(machine: Machine, number: int) -> Assessment:
    at = _NOW - timedelta(seconds=number)
    facts = MachineFacts(
        host_name=machine.name,
        machine_id=f"{number:032x}",
        os_type=OSType.LINUX,
        os_id="debian",
        os_full_name="Debian GNU/Linux 12 (bookworm)",
        kernel="6.1.0-40-amd64",
        booted_at=at - timedelta(days=3),
        disks=(DiskSpace("/", number * 1_000, 40 * 2**30),),
        ip_addresses=(f"10.0.{number}",),
        repositories=(),
    )
    failure = Failure(FailureKind.NO_BANNER, "connecting", "nothing", "") if number % 50 == 3 else None
    return Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, facts, failure=failure)


@pytest.fixture(scope="module")
def state_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state with two thousand machines that answered."""
    home = open_home(tmp_path_factory.mktemp("large") / "home")
    machines = [_machine(number) for number in range(_MACHINES)]
    with opened(home.state_file) as connection, transaction(connection):
        for machine in machines:
            MachineBook(connection).add(machine)
        StatusBook(connection).record(_assessment(machine, number) for number, machine in enumerate(machines))
    return home.state_file


def _read(state_file: Path, *, is_brief: bool) -> list[MachineStatus]:
    with opened(state_file) as connection:
        return StatusBook(connection, is_brief=is_brief).list_statuses()


def test_machines_in_the_list_take_little_memory(state_file: Path) -> None:
    """Of each, what lists, counts and groups ask: bytes, which do not depend on the clock."""
    _read(state_file, is_brief=True)  # what is made once for all is no machine's
    tracemalloc.start()
    try:
        statuses = _read(state_file, is_brief=True)
        contents = Contents(MACHINE_COLUMNS)
        contents.set_rows(KeptRows().rows(statuses, _NOW, {}))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(contents) == _MACHINES
    assert taken / _MACHINES < _MOST_BYTES_EACH


def test_lists_and_groups_ask_nothing_that_is_left_out(state_file: Path) -> None:
    """Rows, and each fact that an expression of a group can name, are those of all that is known."""
    brief, whole = _read(state_file, is_brief=True), _read(state_file, is_brief=False)
    assert machine_rows(brief, _NOW) == machine_rows(whole, _NOW)
    for fact in FACTS.values():
        assert [fact.read(each, _NOW) for each in brief[:60]] == [fact.read(each, _NOW) for each in whole[:60]]
    assert brief != whole


def test_machine_that_is_looked_at_has_all_its_facts(state_file: Path) -> None:
    """Read when it is asked for, and once while nothing of it changes."""
    whole = {status.machine.id: status for status in _read(state_file, is_brief=False)}
    asked: list[str] = []

    def read(machine: Machine) -> MachineStatus:
        asked.append(machine.name)
        return whole[machine.id]

    view = FleetView(read)
    view.take(1, _read(state_file, is_brief=True))
    for machine_id in ("id-00000007", "id-00000007", "id-00000053"):
        assert view.find_whole(machine_id) == whole[machine_id]
    assert asked == ["web-00007", "web-00053"]
    assert view.find_whole("gone") is None


def test_answer_that_is_not_stored_yet_stays(state_file: Path) -> None:
    """A scan's newest word is not replaced by what state.db has of the one before."""
    (stored,) = [each for each in _read(state_file, is_brief=False) if each.machine.name == "web-00007"]
    view = FleetView(lambda _: stored)
    view.take(1, [stored])
    newer = replace(_assessment(stored.machine, 7), ended_at=_NOW + timedelta(hours=1))
    view.take_finding(stored.machine, newer)
    found = view.find_whole(stored.machine.id)
    assert found is not None
    assert found.last_answer is not None
    assert found.last_answer.ended_at == newer.ended_at


def test_machine_is_shown_where_state_cannot_be_read(state_file: Path) -> None:
    """What the list has of it; the app tells of state.db by itself."""
    statuses = _read(state_file, is_brief=True)

    def fail(machine: Machine) -> MachineStatus:
        raise sqlite3.OperationalError(f"database is locked: {machine.name}")

    view = FleetView(fail)
    view.take(1, statuses)
    assert view.find_whole(statuses[0].machine.id) is statuses[0]


def test_page_of_a_machine_loads_nothing_of_runs() -> None:
    """That took a fifth of a second of the app's own time, when the first machine was opened."""
    words = "import sys, tui.screens.machine; sys.exit('ops.deployments.history' in sys.modules)"
    asked = subprocess.run([sys.executable, "-c", words], cwd=Path(__file__).parents[2], timeout=60, check=False)
    assert asked.returncode == 0
