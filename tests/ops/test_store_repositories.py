"""The repositories of machines as they are stored: those of the last answer, and none of machines that went."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, Repository
from fleet.machines import Machine, TransportKind
from fleet.tables import REPOSITORY
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.store import Batch, TableStore
from ops.store.delta import StoredTable

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINES = [Machine(f"id-{name}", name, TransportKind.LOCAL, _NOW) for name in ("db-01", "web-01")]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with two machines."""
    made = open_home(tmp_path)
    with closing(connect(made.state_file)) as connection:
        for machine in _MACHINES:
            MachineBook(connection).add(machine)
    return made


def _answer(machine: Machine, hours: int, *names: str) -> Assessment:
    at = _NOW + timedelta(hours=hours)
    repositories = tuple(Repository(name, made_at=_NOW, fetched_at=at, has_advisories=True) for name in names)
    facts = MachineFacts(package_manager="dnf", repositories=repositories)
    return Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, facts)


def _stored(home: Home) -> list[tuple[object, ...]]:
    rows = StoredTable(home.tables_dir, REPOSITORY).read()
    return list(rows.select("Computer", "Repository", "MadeAt", "FetchedAt", "HasAdvisories", "IsFailing").iter_rows())


def test_an_answer_replaces_the_repositories_of_its_machine_and_of_no_other(home: Home) -> None:
    """One that fell out of use is gone; an older answer that comes late changes nothing."""
    db, web = _MACHINES
    store = TableStore(home)
    store.commit_batch(Batch("a", (_answer(web, 0, "baseos", "epel"), _answer(db, 0, "baseos"))))
    store.commit_batch(Batch("b", (_answer(web, 2, "baseos"),)))
    store.commit_batch(Batch("c", (_answer(web, 1, "old"),)))

    assert _stored(home) == [
        ("db-01", "baseos", _NOW, _NOW, True, False),
        ("web-01", "baseos", _NOW, _NOW + timedelta(hours=2), True, False),
    ]


def test_repositories_of_a_removed_machine_are_gone(home: Home) -> None:
    """Only those of machines that are enrolled are current."""
    db, web = _MACHINES
    store = TableStore(home)
    store.commit_batch(Batch("a", (_answer(web, 0, "baseos"), _answer(db, 0, "baseos"))))
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).remove("web-01")

    store.publish_machines()

    assert [row[0] for row in _stored(home)] == ["db-01"]
