"""Homes with machines that stand in every way, and pages as Prometheus reads them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Classification, Update
from ops.home import Home, open_home
from ops.state.database import opened, transaction
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Page = Mapping[tuple[str, tuple[tuple[str, str], ...]], float]


def machine(name: str, *, enabled: bool = True, **tags: str) -> Machine:
    """A machine that nothing reaches."""
    return Machine(f"id-{name}", name, TransportKind.SCRIPTED, NOW, transcript="/none", tags=tags, enabled=enabled)


def answer(
    enrolled: Machine,
    *classes: Classification,
    at: datetime = NOW - timedelta(hours=1),
    coverage: Coverage = Coverage.COMPLETE,
    system: tuple[str, str] = ("debian", "12"),
    reboot: Answer = Answer.NO,
    end_of_life: date | None = None,
) -> Assessment:
    """What ``enrolled`` answered: it misses an update of each of ``classes``."""
    facts = MachineFacts(
        os_type=OSType.LINUX,
        os_id=system[0],
        os_version=system[1],
        reboot_required=reboot,
        end_of_life=end_of_life,
        booted_at=NOW - timedelta(days=9),
        disks=(DiskSpace("/var", 5_000, 10_000),),
    )
    updates = tuple(
        Update(f"pkg{number}", "amd64", "1", "2", each, "test", "main") for number, each in enumerate(classes)
    )
    return Assessment(enrolled.id, enrolled.name, at, at, coverage, facts, updates)


def failure(enrolled: Machine, kind: FailureKind, at: datetime = NOW) -> Assessment:
    """That ``enrolled`` did not answer."""
    return Assessment(
        enrolled.id, enrolled.name, at, at, Coverage.UNKNOWN, failure=Failure(kind, "ssh", "nothing", "Look.")
    )


def store(home: Home, *assessments: Assessment) -> None:
    """Keeps what was answered."""
    with opened(home.state_file) as connection:
        StatusBook(connection).record(assessments)


def enrol(home: Home, *machines: Machine) -> None:
    """Adds ``machines`` to ``home``."""
    with opened(home.state_file) as connection, transaction(connection):
        for each in machines:
            MachineBook(connection).add(each)


def read_page(text: str) -> Page:
    """The samples of a page, by name and labels, by the parser of Prometheus' own client."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(page: Page, name: str, **labels: str) -> float | None:
    """The value of the one sample of that name and those labels; None where there is none."""
    return page.get((name, tuple(sorted(labels.items()))))


def total(page: Page, name: str, **labels: str) -> float | None:
    """The sum of the samples of that name that have those labels among others; None where there are none."""
    found = [each for (called, has), each in page.items() if called == name and labels.items() <= dict(has).items()]
    return sum(found) if found else None


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")
