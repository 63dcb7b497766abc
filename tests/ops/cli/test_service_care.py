"""Looking on at a run while its service dies, is stopped, or does not start."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ops.cli.service_care import ServiceCare
from ops.deployments import service_call
from ops.home import Home, open_home
from ops.service.lease import take_lease
from ops.state.database import opened
from ops.state.lease import LeaseBook


class Hands:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def care_home(tmp_path: Path) -> Home:
    """A home without a service."""
    return open_home(tmp_path / "home")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What starting the service says, once for each time that it is started; it stays empty while nobody does."""
    made: list[str] = []

    def call(_home: Home) -> str:
        made.append("started")
        return "The background service does not start: no memory."

    monkeypatch.setattr(service_call, "call_service", call)
    return made


def looks(care: ServiceCare, hands: Hands, number: int, seconds: float = 3.0) -> None:
    for _ in range(number):
        care.look()
        hands.now += seconds


def leave_row(home: Home) -> None:
    """What a killed service leaves behind: its row, and no lock."""
    lease = take_lease(home, clock=lambda: datetime(2026, 11, 20, tzinfo=UTC))
    left = replace(lease.lease)
    lease.close()
    with opened(home.state_file) as connection:
        LeaseBook(connection).take(left)


def test_killed_service_is_started_again(care_home: Home, calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """At the second look, said once; where it does not start, it is tried again later."""
    leave_row(care_home)
    hands = Hands()
    care = ServiceCare(care_home, hands)

    looks(care, hands, 1)
    assert not calls
    looks(care, hands, 5)
    assert len(calls) == 1
    looks(care, hands, 12)
    assert len(calls) == 2

    said = capsys.readouterr().err
    assert "gone" in said
    assert said.count("no memory") == 2


def test_service_that_is_back_is_told(care_home: Home, calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever looks on knows that it goes on."""
    leave_row(care_home)
    hands = Hands()
    care = ServiceCare(care_home, hands)
    looks(care, hands, 2)

    lease = take_lease(care_home)
    looks(care, hands, 20)
    lease.close()

    assert len(calls) == 1
    assert capsys.readouterr().err.count("works again") == 1


def test_stopped_service_stays_stopped(care_home: Home, calls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Who stopped it had a reason; it is said how the run goes on."""
    take_lease(care_home).close()
    hands = Hands()
    care = ServiceCare(care_home, hands)

    looks(care, hands, 9)

    assert not calls
    assert capsys.readouterr().err.count("patchdeck service start") == 1
