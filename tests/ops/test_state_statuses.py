"""The status book: the last attempt and the last answer of each machine."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any  # columns of a row

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, Outcome
from fleet.facts import DiskSpace, MachineFacts, OtherUpdater
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.status import MachineStatus, summarise
from fleet.updates import Classification, Update
from ops.state import MachineBook, StatusBook, connect
from ops.state.statuses import read_status

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine("id-web", "web-01", TransportKind.SSH, _NOW)
_UPDATE = Update("openssl", "amd64", "1", "2", Classification.SECURITY, "origin", "Debian-Security:12")
_ANSWER = Assessment(
    "id-web",
    "web-01",
    _NOW,
    _NOW + timedelta(seconds=2),
    Coverage.COMPLETE,
    MachineFacts(
        host_name="web-01",
        os_type=OSType.LINUX,
        booted_at=_NOW - timedelta(days=3),
        clock_skew_seconds=-0.25,
        reboot_required=Answer.YES,
        other_updaters=(OtherUpdater("unattended-upgrades"),),
        disks=(DiskSpace("/", 5, 10), DiskSpace("/boot", 0, 10, is_read_only=True)),
    ),
    (_UPDATE,),
    findings=(Finding(FindingKind.LISTS_STALE, Severity.ERROR, "lists of 2025", "run apt update"),),
)
_FAILURE = Failure(FailureKind.LOGIN_REFUSED, "login as admin", "refused", "check the key", 0.5)


def _failed(at: datetime) -> Assessment:
    return Assessment("id-web", "web-01", at, at, Coverage.UNKNOWN, failure=_FAILURE)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A state.db with one machine."""
    with closing(connect(tmp_path / "state.db")) as opened:
        MachineBook(opened).add(_MACHINE)
        yield opened


@pytest.fixture
def book(connection: sqlite3.Connection) -> StatusBook:
    """The status book of one machine, never assessed."""
    return StatusBook(connection)


def _only(book: StatusBook) -> MachineStatus:
    (status,) = book.list_statuses()
    return status


def test_machine_that_was_never_assessed_is_listed(book: StatusBook) -> None:
    """It has neither attempt nor answer."""
    assert _only(book) == MachineStatus(_MACHINE)


def test_answer_comes_back_as_it_was_recorded(book: StatusBook) -> None:
    """Facts, findings and counts survive, with their types; the attempt is the answer."""
    book.record([_ANSWER])

    status = _only(book)

    assert status.last_attempt == status.last_answer == summarise(_ANSWER)
    assert status.last_answer is not None
    assert status.last_answer.outcome is Outcome.SUCCEEDED
    assert book.answered_at(["id-web", "other"]) == {"id-web": _ANSWER.ended_at}


def test_failure_leaves_the_last_answer(book: StatusBook) -> None:
    """What a machine said stays known while it cannot be reached, also over several failures."""
    book.record([_ANSWER])
    book.record([_failed(_NOW + timedelta(hours=1)), _failed(_NOW + timedelta(hours=2))])

    status = _only(book)

    assert status.last_answer == summarise(_ANSWER)
    assert status.last_attempt == summarise(_failed(_NOW + timedelta(hours=2)))
    assert book.answered_at(["id-web", "other"]) == {"id-web": _ANSWER.ended_at}


def test_answer_after_failures_is_attempt_and_answer(book: StatusBook) -> None:
    """A machine that is back has one assessment that is both."""
    later = replace(_ANSWER, ended_at=_NOW + timedelta(hours=3), updates=())
    book.record([_failed(_NOW), later])

    assert _only(book).last_attempt == _only(book).last_answer == summarise(later)


def test_assessment_that_comes_late_changes_nothing(book: StatusBook) -> None:
    """Two scans at once may end in either order."""
    book.record([_ANSWER])
    revision = book.revision()

    book.record([_failed(_NOW), _ANSWER])

    assert _only(book).last_attempt == summarise(_ANSWER)
    assert book.revision() == revision


def test_machine_that_was_removed_has_no_status(book: StatusBook, connection: sqlite3.Connection) -> None:
    """An answer that comes in after the removal is let go."""
    MachineBook(connection).remove("web-01")

    book.record([_ANSWER])

    assert book.list_statuses() == []


def test_system_that_the_machine_told_is_known_to_targets(book: StatusBook, connection: sqlite3.Connection) -> None:
    """os:linux finds machines that were enrolled without a system."""
    book.record([_ANSWER])

    assert MachineBook(connection).get("web-01").os_type is OSType.LINUX


def test_listing_again_is_as_listing_anew(book: StatusBook, connection: sqlite3.Connection) -> None:
    """Though only what changed is read: an answer, a new machine, another name, one that went and one that came."""
    machines = MachineBook(connection)
    db, mail = replace(_MACHINE, id="id-db", name="db-01"), replace(_MACHINE, id="id-mail", name="mail-01")
    changes: list[Callable[[], object]] = [
        lambda: None,
        lambda: book.record([_ANSWER]),
        lambda: machines.add(db),
        lambda: machines.edit(replace(_MACHINE, name="zoo-01")),
        lambda: book.record([_failed(_NOW + timedelta(hours=1))]),
        lambda: _exchange(machines, mail),
        lambda: book.drop("id-web"),
        lambda: machines.edit(replace(_MACHINE, name="ALTER-01")),
        lambda: machines.add(replace(_MACHINE, id="id-big", name="MAIL-02")),
        lambda: _leave_and_come_back(machines, mail),
    ]
    for change in changes:
        change()
        assert book.list_statuses() == StatusBook(connection).list_statuses()


def test_one_that_came_does_not_make_all_be_read_again(
    book: StatusBook, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of ten thousand machines, only the one that came, went or got another name is read."""
    book.record([_ANSWER])
    book.list_statuses()
    machines = MachineBook(connection)
    read: list[str] = []

    def read_one(*row: Any, is_brief: bool) -> MachineStatus:
        read.append(row[0])
        return read_status(*row, is_brief=is_brief)

    monkeypatch.setattr("ops.state.statuses.read_status", read_one)
    machines.add(replace(_MACHINE, id="id-db", name="db-01"))
    book.list_statuses()
    machines.edit(replace(_MACHINE, id="id-db", name="db-02"))
    book.list_statuses()
    machines.remove("db-02")
    assert [each.machine.name for each in book.list_statuses()] == ["web-01"]
    assert ["web-01" in document for document in read] == [False, False]


def _leave_and_come_back(machines: MachineBook, machine: Machine) -> None:
    machines.remove(machine.name)
    machines.add(machine)


def _exchange(machines: MachineBook, came: Machine) -> None:
    machines.remove("db-01")
    machines.add(came)
