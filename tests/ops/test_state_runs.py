"""The run book: what is kept of runs, how they are found, who has a machine, what is asked of a run."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import ChangeKind, MachinePlan, PackageChange, Plan, Simulation
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    RunStep,
    UpdateOutcome,
)
from fleet.errors import BadInput, UnknownName
from ops.state import Audit, connect
from ops.state.runs import JournalEntry, JournalPhase, RunAction, RunBook
from ops.state.scheduled import ScheduleBook

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_ANNA = Requester("anna", "192.0.2.9 50000 22", "patchdeck deployments run nightly")
_NIGHTLY = Deployment("nightly", ("tag:env=prod",))


def _run(run_id: str, deployment: str = "nightly", hours: int = 0) -> Run:
    opens_at = _NOW + timedelta(hours=hours)
    return Run(
        run_id,
        replace(_NIGHTLY, name=deployment),
        RunStatus.WAITING,
        opens_at,
        opens_at + timedelta(hours=2),
        _ANNA,
        _NOW,
    )


def _entry(phase: JournalPhase, detail: str = "") -> JournalEntry:
    return JournalEntry(0, "r-1", "id-web", _NOW, RunStep.INSTALL, phase, detail)


def _failing_entries() -> Iterator[JournalEntry]:
    yield _entry(JournalPhase.END)
    raise RuntimeError("on the way")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A new state.db."""
    with closing(connect(tmp_path / "state.db")) as opened:
        yield opened


@pytest.fixture
def book(connection: sqlite3.Connection) -> RunBook:
    """The run book of a new home."""
    return RunBook(connection, lambda: _NOW)


def test_run_is_kept_as_it_was_made(connection: sqlite3.Connection, book: RunBook) -> None:
    """A run with its deployment is read as it was written, and the audit says who asked for it."""
    run = _run("r-1")
    book.make(run)

    assert book.find("r-1") == run
    entry = Audit(connection).list_entries()[0]
    assert (entry.action, entry.target, entry.actor.user) == ("run.make", "r-1", "anna")
    with pytest.raises(BadInput, match="already a run 'r-1'"):
        book.make(run)


def test_run_is_found_by_beginning_or_by_deployment(book: RunBook) -> None:
    """An id, an unambiguous beginning of one, or a deployment's name, whatever the case: its next run."""
    for run in (_run("20261120-a"), _run("20261121-a", hours=24), _run("20261122-b", "weekly")):
        book.make(run)

    assert book.find("20261122").id == "20261122-b"
    assert book.find("Nightly").id == "20261120-a"
    with pytest.raises(BadInput, match="3 runs begin with '2026112'"):
        book.find("2026112")
    with pytest.raises(UnknownName, match="Did you mean 'weekly'"):
        book.find("weakly")


def test_name_of_a_deployment_means_the_run_that_goes_on(book: RunBook) -> None:
    """Not one that waits for a later window, or was cancelled before it; of those that are over, the last to end."""
    early, late, later = _run("20261120-a"), _run("20261121-a", hours=24), _run("20261122-a", hours=48)
    for run in (later, late, early):
        book.make(run)
    book.save(replace(early, status=RunStatus.IN_PROGRESS))
    assert book.find("nightly").id == early.id

    book.save(replace(early, status=RunStatus.SUCCEEDED, ended_at=_NOW + timedelta(hours=2)))
    assert book.find("nightly").id == late.id

    for run in (late, later):
        book.save(replace(run, status=RunStatus.CANCELLED, ended_at=_NOW + timedelta(hours=1)))
    assert book.find("nightly").id == early.id


def test_runs_are_listed_latest_first(book: RunBook) -> None:
    """By deployment, by status, at most so many."""
    for run in (_run("r-1"), _run("r-2", hours=24), _run("r-3", "weekly", hours=1)):
        book.make(run)
    book.save(replace(_run("r-1"), status=RunStatus.SUCCEEDED))

    assert [run.id for run in book.list()] == ["r-2", "r-3", "r-1"]
    assert [run.id for run in book.list("nightly")] == ["r-2", "r-1"]
    assert [run.id for run in book.list(statuses=[RunStatus.WAITING], limit=1)] == ["r-2"]


def test_frozen_plan_and_machines_are_kept_in_order(book: RunBook) -> None:
    """The plan comes back whole; machines stay in the order of the waves when one of them changes."""
    run = _run("r-1")
    book.make(run)
    change = PackageChange(ChangeKind.UPGRADE, "curl", "amd64", "1", "2", 1000)
    plans = tuple(MachinePlan(f"id-{n}", f"m-{n}", 0, simulation=Simulation((change,))) for n in (2, 1))
    plan = Plan("nightly", _NOW, plans, "cafe")
    assert book.plan_of("r-1") is None

    book.freeze(replace(run, plan_hash="cafe"), plan, [MachineRun("r-1", f"id-{n}", f"m-{n}", 0) for n in (2, 1)])
    outcome = UpdateOutcome("curl", "amd64", "1", "2", "Others", InstallationStatus.SUCCEEDED, ended_at=_NOW)
    changed = MachineRun("r-1", "id-2", "m-2", 0, MachineRunStatus.SUCCEEDED, outcomes=(outcome,))
    before = book.revision("r-1")
    book.save_machine(changed)

    assert book.plan_of("r-1") == plan
    assert book.find("r-1").plan_hash == "cafe"
    assert [machine.machine_id for machine in book.machines("r-1")] == ["id-2", "id-1"]
    assert book.machines("r-1")[0] == changed
    assert book.revision("r-1") > before


def test_step_of_a_machine_writes_as_little_in_a_large_run(tmp_path: Path) -> None:
    """The plan and the other machines of a run, however many, are not written anew with each step."""
    with closing(connect(tmp_path / "state.db")) as connection:
        book = RunBook(connection)
        book.make(_run("r-1"))
        machines = [MachineRun("r-1", f"id-{number}", f"web-{number}", 0) for number in range(500)]
        plans = tuple(MachinePlan(each.machine_id, each.machine_name, 0, problem="p" * 400) for each in machines)
        book.freeze(_run("r-1"), Plan("nightly", _NOW, plans, "abc"), machines)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        book.save_machine(replace(machines[250], status=MachineRunStatus.IN_PROGRESS), [_entry(JournalPhase.BEGIN)])

        assert (tmp_path / "state.db-wal").stat().st_size < 50_000
        plan = book.plan_of("r-1")
        assert plan is not None
        assert len(plan.machines) == 500
        assert [each.machine_id for each in book.machines("r-1")] == [each.machine_id for each in machines]


def test_journal_is_written_with_the_document_or_not_at_all(book: RunBook) -> None:
    """What fails takes both back; what is read after an entry is what came after it."""
    book.make(_run("r-1"))
    machine = MachineRun("r-1", "id-web", "web-01", 0)
    book.save_machine(machine, [_entry(JournalPhase.BEGIN, '{"job":"j"}')])
    with pytest.raises(RuntimeError, match="on the way"):
        book.save_machine(replace(machine, job_id="j"), _failing_entries())

    (begun,) = book.journal("r-1")
    assert replace(begun, id=0) == _entry(JournalPhase.BEGIN, '{"job":"j"}')
    assert list(book.machines("r-1")) == [machine]
    book.save(_run("r-1"), [_entry(JournalPhase.END)])
    assert [entry.phase for entry in book.journal("r-1", after=begun.id)] == [JournalPhase.END]


def test_machine_is_claimed_by_one_run_at_a_time(book: RunBook) -> None:
    """The other run is named; claiming again is harmless; a run that is over has none."""
    first, second = _run("r-1"), _run("r-2")
    book.make(first)
    book.make(second)

    assert book.claim("id-web", "r-1") is None
    assert book.claim("id-web", "r-1") is None
    assert book.claim("id-web", "r-2") == "r-1"
    book.release("id-web", "r-2")
    assert book.claim("id-web", "r-2") == "r-1"
    book.save(replace(first, status=RunStatus.FAILED))
    assert book.claim("id-web", "r-2") is None
    book.release("id-web", "r-2")
    assert book.claim("id-web", "r-3") is None


def test_requests_are_open_until_settled(connection: sqlite3.Connection, book: RunBook) -> None:
    """In the order asked, with who asked; a run that is over takes none."""
    book.make(_run("r-1"))
    book.make(_run("r-2", hours=1))
    book.ask("r-1", RunAction.PAUSE, _ANNA)
    book.ask("r-2", RunAction.CANCEL, _ANNA)
    book.ask("r-1", RunAction.RESUME, _ANNA)

    pause, _ = book.open_requests("r-1")
    assert (pause.action, pause.requester, pause.at) == (RunAction.PAUSE, _ANNA, _NOW)
    book.settle(pause.id)
    assert [(each.run_id, each.action) for each in book.open_requests()] == [
        ("r-2", RunAction.CANCEL),
        ("r-1", RunAction.RESUME),
    ]
    assert Audit(connection).list_entries()[0].action == "run.resume"
    book.save(replace(_run("r-1"), status=RunStatus.CANCELLED))
    with pytest.raises(BadInput, match="is over: Cancelled"):
        book.ask("r-1", RunAction.PAUSE, _ANNA)


def test_a_start_is_dealt_with_once(connection: sqlite3.Connection, book: RunBook) -> None:
    """The second to deal with it is told so; the last start is the latest due."""
    schedule = ScheduleBook(connection)
    assert schedule.last_start("nightly") is None
    assert book.note_start("nightly", _NOW, "ran", "r-1")
    assert not book.note_start("Nightly", _NOW, "skipped")
    assert book.note_start("nightly", _NOW + timedelta(days=1), "skipped")
    last = schedule.last_start("nightly")
    assert last is not None
    assert (last.due_at, last.outcome) == (_NOW + timedelta(days=1), "skipped")
