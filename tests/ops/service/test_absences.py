"""Machines that were off at their start have their turn when they answer, as long as the policy says, and once."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import MachinePlan, Plan
from fleet.deployments.pulse import Pulse
from fleet.deployments.runs import MachineRun, MachineRunStatus, Run, RunStatus
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.machines import Machine
from fleet.updates import Classification
from ops.config import Settings
from ops.home import Home
from ops.service.absences import AbsencesDuty, find_answering
from ops.service.starts import StartsDuty
from ops.state import Audit, MachineBook, connect
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook
from tests.ops.service.conftest import BEGINNING, Console, enrol, scripted

_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)
_SUCCEEDED, _UNREACHABLE = MachineRunStatus.SUCCEEDED, MachineRunStatus.UNREACHABLE


class _Fleet:
    """Says which machines answer, and notes who was asked."""

    def __init__(self) -> None:
        self.answering: set[str] = set()
        self.asked: list[list[str]] = []

    async def find(self, _home: Home, machines: Sequence[Machine], _settings: Settings) -> frozenset[str]:
        self.asked.append([machine.name for machine in machines])
        return frozenset(machine.id for machine in machines if machine.name in self.answering)


@pytest.fixture
def fleet() -> _Fleet:
    """Nobody answers."""
    return _Fleet()


def _define(console: Console, missed: MissedStart = MissedStart.RUN_WITHIN, hours: float = 4, **more: object) -> None:
    first = (BEGINNING + _HOUR / 2).replace(tzinfo=None)
    schedule = Schedule(first, "UTC", "FREQ=DAILY", missed=missed, missed_within_hours=hours, **more)  # type: ignore[arg-type]
    rules = UpdateRules(classes=(Classification.SECURITY,))
    with closing(connect(console.home.state_file)) as connection:
        book = DeploymentBook(connection, Audit(connection, clock=console.time.wall))
        book.add(Deployment("web", ("all",), rules, schedule, predownload_minutes=5))


def _record(run: Run, machine: Machine, status: MachineRunStatus, **more: object) -> MachineRun:
    return MachineRun(run.id, machine.id, machine.name, 0, status, **more)  # type: ignore[arg-type]


def _end(console: Console, run: Run, status: RunStatus, records: Sequence[MachineRun]) -> None:
    plan = Plan("web", run.opens_at, tuple(MachinePlan(r.machine_id, r.machine_name, 0) for r in records), "hash")
    with closing(connect(console.home.state_file)) as connection:
        book = RunBook(connection)
        book.freeze(run, plan, records)
        book.save(replace(run, status=status, ended_at=console.time.wall()))


def _started(console: Console, names: Sequence[str] = ("web-1", "web-2")) -> tuple[Run, list[Machine]]:
    """The run that the schedule made, for machines that are enrolled."""
    machines = [enrol(console.home, scripted(name)) for name in names]
    duty = StartsDuty(console.post())
    asyncio.run(duty.attend(console.look()))
    console.time.true += _HOUR / 2
    asyncio.run(duty.attend(console.look()))
    return _runs(console)[0], machines


def _runs(console: Console) -> list[Run]:
    with closing(connect(console.home.state_file)) as connection:
        return [*RunBook(connection).list()]


def _attend(duty: AbsencesDuty, console: Console) -> datetime | None:
    async def attend() -> datetime | None:
        next_at = await duty.attend(console.look())
        while duty.activities() or (duty._task is not None and not duty._task.done()):
            await asyncio.sleep(0)
        return next_at

    return asyncio.run(attend())


def _made_up(console: Console) -> list[Run]:
    return [run for run in _runs(console) if run.makes_up_for]


def test_machine_that_was_off_has_its_turn_when_it_answers(console: Console, fleet: _Fleet) -> None:
    """The run is for it alone, its window opens then, and it says what it makes up for."""
    _define(console)
    run, (one, two) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _SUCCEEDED), _record(run, two, _UNREACHABLE)])
    duty = AbsencesDuty(console.post(), fleet.find)

    _attend(duty, console)
    assert not _made_up(console)
    fleet.answering = {"web-1", "web-2"}
    console.time.true += 5 * _MINUTE
    _attend(duty, console)

    (made,) = _made_up(console)
    assert made.deployment.targets == ("web-2",)
    assert made.makes_up_for == run.id
    assert made.requester.reason == f"off in run {run.id}"
    assert made.opens_at == console.time.wall()
    assert made.deployment.predownload_minutes == 0
    assert fleet.asked == [["web-2"], ["web-2"]]


def test_nothing_is_made_up_after_the_hours_of_the_policy(console: Console, fleet: _Fleet) -> None:
    """Four hours after the start the machine waits for the next one."""
    _define(console, hours=4)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}
    console.time.true += 4 * _HOUR

    _attend(AbsencesDuty(console.post(), fleet.find), console)

    assert not _made_up(console)
    assert fleet.asked == []


def test_nothing_is_made_up_where_missed_starts_are_skipped(console: Console, fleet: _Fleet) -> None:
    """That is the policy without a word about it."""
    _define(console, MissedStart.SKIP, 0)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}

    _attend(AbsencesDuty(console.post(), fleet.find), console)

    assert not _made_up(console)


def test_cancelled_run_is_not_made_up_for(console: Console, fleet: _Fleet) -> None:
    """Somebody did not want it."""
    _define(console)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.CANCELLED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}

    _attend(AbsencesDuty(console.post(), fleet.find), console)

    assert not _made_up(console)


@pytest.mark.parametrize("more", [{"job_id": "20261120-1"}, {"pulse_before": Pulse("boot", "6.1")}])
def test_machine_that_was_lost_in_work_is_not_made_up_for(console: Console, fleet: _Fleet, more: object) -> None:
    """What was begun there is not begun again by itself."""
    _define(console)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE, **more)])  # type: ignore[arg-type]
    fleet.answering = {"web-1"}

    _attend(AbsencesDuty(console.post(), fleet.find), console)

    assert not _made_up(console)


def test_machine_is_made_up_for_once(console: Console, fleet: _Fleet) -> None:
    """While its own run is open, and after that has reached it, nobody asks again."""
    _define(console)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}
    duty = AbsencesDuty(console.post(), fleet.find)
    for status in (None, MachineRunStatus.FAILED):
        _attend(duty, console)
        console.time.true += 10 * _MINUTE
        if status is not None:
            _end(console, _made_up(console)[0], RunStatus.FAILED, [_record(_made_up(console)[0], one, status)])
    _attend(duty, console)

    assert len(_made_up(console)) == 1


def test_machine_that_comes_and_goes_is_left_after_some_runs(console: Console, fleet: _Fleet) -> None:
    """It answers each time it is asked, and is off when its run begins."""
    _define(console, hours=20)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}
    duty = AbsencesDuty(console.post(), fleet.find)
    for _ in range(10):
        console.time.true += 10 * _MINUTE
        _attend(duty, console)
        for made in _made_up(console):
            if not made.status.is_over:
                _end(console, made, RunStatus.FAILED, [_record(made, one, _UNREACHABLE)])

    assert len(_made_up(console)) == 3


def test_disabled_machine_stays_alone(console: Console, fleet: _Fleet) -> None:
    """It is not even asked."""
    _define(console)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    with closing(connect(console.home.state_file)) as connection:
        MachineBook(connection).set_enabled(one.name, enabled=False)

    _attend(AbsencesDuty(console.post(), fleet.find), console)

    assert fleet.asked == []


def test_nothing_is_made_up_in_a_blackout(console: Console, fleet: _Fleet, tmp_path: Path) -> None:
    """It waits for the end of it."""
    begins, ends = (f"{BEGINNING + each:%Y%m%dT%H%M%SZ}" for each in (_HOUR * 0.7, _HOUR * 2))
    calendar = tmp_path / "freeze.ics"
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//t//t//EN", "BEGIN:VEVENT", "UID:1", "SUMMARY:Freeze")
    times = (f"DTSTAMP:{begins}", f"DTSTART:{begins}", f"DTEND:{ends}", "END:VEVENT", "END:VCALENDAR", "")
    calendar.write_text("\r\n".join((*lines, *times)))
    _define(console, blackouts=str(calendar))
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}
    duty = AbsencesDuty(console.post(), fleet.find)

    console.time.true += _HOUR / 2
    _attend(duty, console)
    assert fleet.asked == []
    console.time.true += 2 * _HOUR
    _attend(duty, console)
    assert len(_made_up(console)) == 1


def test_next_start_is_made_while_machines_are_made_up_for(console: Console, fleet: _Fleet) -> None:
    """A straggler does not keep the others from their night."""
    _define(console, hours=30)
    run, (one, _) = _started(console)
    _end(console, run, RunStatus.FAILED, [_record(run, one, _UNREACHABLE)])
    fleet.answering = {"web-1"}
    _attend(AbsencesDuty(console.post(), fleet.find), console)

    console.time.true += 24 * _HOUR
    asyncio.run(StartsDuty(console.post()).attend(console.look()))

    starts = [each for each in _runs(console) if not each.makes_up_for]
    assert [each.opens_at for each in starts] == [BEGINNING + _HOUR * 24.5, BEGINNING + _HOUR / 2]


def test_machine_without_an_answer_is_still_off(home: Home) -> None:
    """Nothing listens at its address: it is asked by its transport, and only that."""
    machine = enrol(home, replace(scripted("gone"), address="127.0.0.1"))

    assert asyncio.run(find_answering(home, [machine], Settings())) == frozenset()
