"""Runs that a process took up again, or that people meddled with: nothing is begun that should not be."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from fleet.deployments.plan import MachinePlan
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import FailureBudget, HealthGate, WaveKind, WaveRule
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.window import Window
from fleet.errors import BadInput, StoreBusy
from ops.deployments.engine import RunEngine
from ops.deployments.events import RunNote, WaveBegan
from ops.deployments.ledger import LeaseGone
from ops.deployments.planning import Planner
from ops.deployments.sightings import Sightings
from ops.service.lease import take_lease
from ops.state import MachineBook, connect
from ops.state.lease import Lease, LeaseBook
from ops.state.runs import RunAction, RunBook
from ops.state.scheduled import ScheduleBook
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of

_ALL = dict.fromkeys(PACKAGES, InstallationStatus.SUCCEEDED)
_ONE_BY_ONE = replace(NIGHTLY, rollout=replace(NIGHTLY.rollout, concurrency=1))


_Beside = Callable[[FakeRuns, Run], Coroutine[Any, Any, None]]


def _stop_after(seconds: float) -> _Beside:
    async def stop(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(seconds)
        runs.stop.set()

    return stop


def _asking(*asked: tuple[float, RunAction]) -> _Beside:
    async def ask(runs: FakeRuns, run: Run) -> None:
        for at, action in asked:
            await asyncio.sleep(at - asyncio.get_running_loop().time())
            runs.ask(run, action)

    return ask


def test_exhausted_budget_holds_in_the_next_process(runs: FakeRuns) -> None:
    """The machines that failed before the restart count: nothing further is begun."""
    ids = runs.enrol(4, seconds_a_package=30.0)
    runs.change(ids[0], is_off=True)
    rollout = replace(_ONE_BY_ONE.rollout, budget=FailureBudget(machines=0))
    run = runs.make(replace(NIGHTLY, rollout=replace(rollout, concurrency=2)))
    assert runs.work(run, beside=_stop_after(40)).status is RunStatus.IN_PROGRESS
    assert runs.records(run)[ids[0]].status is MachineRunStatus.UNREACHABLE
    done = runs.work(run)
    assert done.status is RunStatus.FAILED
    assert "the failure budget is exhausted" in done.note
    assert [bool(runs.fleet.get(each).started_jobs) for each in ids] == [False, True, False, False]


def test_window_that_ended_while_nobody_worked_begins_nothing_new(runs: FakeRuns) -> None:
    """The job that ran is looked at and told truly; the machine that was only being assessed is not touched."""
    script = runs.path / "drain.sh"
    script.write_text("#!/bin/sh\n")
    ids = runs.enrol(3, seconds_a_package=30.0)
    run = runs.make(replace(_ONE_BY_ONE, scripts=(Script(ScriptStage.PRE, ScriptPlace.MACHINE, str(script)),)))
    runs.work(run, beside=_stop_after(60))
    with closing(connect(runs.home.state_file)) as connection:
        book = RunBook(connection)
        second = {record.machine_id: record for record in book.machines(run.id)}[ids[1]]
        book.save_machine(replace(second, status=MachineRunStatus.IN_PROGRESS, started_at=runs.clock()))
    runs.offset += 86_400
    done = runs.work(run)
    first, second, third = runs.records(run).values()
    assert done.status is RunStatus.FAILED
    assert (first.status, statuses_of(first)) == (MachineRunStatus.SUCCEEDED, _ALL)
    for record in (second, third):
        assert record.status is MachineRunStatus.WINDOW_EXCEEDED
        assert set(statuses_of(record).values()) == {InstallationStatus.WINDOW_EXCEEDED}
        assert runs.fleet.get(record.machine_id).started_jobs == []
        assert runs.fleet.get(record.machine_id).scripts == []


@pytest.mark.parametrize("resumed_at", [None, 5400.0, 7500.0])
def test_pause_that_outlasts_the_window_ends_the_run(runs: FakeRuns, resumed_at: float | None) -> None:
    """Whoever resumes in the middle has the rest of the window, and nobody more."""
    ids = runs.enrol(3, seconds_a_package=60.0)
    asked = [(60.0, RunAction.PAUSE)] + ([(resumed_at, RunAction.RESUME)] if resumed_at == 5400.0 else [])
    run = runs.work(runs.make(replace(_ONE_BY_ONE, window=Window(minutes=120))), beside=_asking(*asked))
    first, *others = runs.records(run).values()
    assert first.status is MachineRunStatus.SUCCEEDED
    if resumed_at == 5400.0:
        assert run.status is RunStatus.SUCCEEDED
        return
    assert run.status is RunStatus.FAILED
    assert {record.status for record in others} == {MachineRunStatus.WINDOW_EXCEEDED}
    assert run.note.endswith("; it was paused by anna, until its window was over")
    assert {r.error for r in others} == {"the window was over before its turn: the run was paused by anna"}
    assert [len(runs.fleet.get(each).started_jobs) for each in ids] == [1, 0, 0]
    with pytest.raises(BadInput, match="is over"):
        runs.ask(run, RunAction.RESUME)


def test_request_that_comes_while_the_run_is_judged_changes_nothing(runs: FakeRuns) -> None:
    """A pause or a cancel at the very end neither opens the run again nor makes its history another."""
    runs.enrol(1)
    run = runs.make()
    steps: list[str] = []

    def ask_late(step: str) -> None:
        steps.append(step)
        if step == "results stored" and not any(each == "asked" for each in steps):
            steps.append("asked")
            for action in (RunAction.PAUSE, RunAction.CANCEL):
                runs.ask(run, action)

    done = runs.work(run, on_step=ask_late)
    assert "asked" in steps
    assert done.status is runs.find_id(run.id).status is RunStatus.SUCCEEDED


@pytest.mark.parametrize("when", ["before planning", "planning", "download", "window", "soak", "reboot wait"])
def test_cancel_is_heard_whatever_the_run_waits_for(runs: FakeRuns, when: str) -> None:
    """Within seconds, or when the transaction that runs has ended; the run is Cancelled and nothing new is begun."""
    slow = 120.0 if when == "download" else 10.0
    ids = runs.enrol(2, needs_reboot=when == "reboot wait", seconds_a_package=slow)
    gate = HealthGate(success_percent=100, soak_minutes=60)
    waves = (WaveRule(WaveKind.COUNT, amount=1),)
    deployment = replace(NIGHTLY, rollout=replace(NIGHTLY.rollout, waves=waves, gate=gate))
    opens_in, at = 0.0, 600.0
    if when in ("before planning", "download", "window"):
        deployment = replace(deployment, predownload_minutes=0 if when == "before planning" else 60)
        opens_in, at = {"before planning": 3600.0, "download": 3600.0, "window": 3600.0}[when], 20.0
        at = 1800.0 if when == "window" else at
    if when == "planning":
        at = 0.5
    if when == "reboot wait":
        deployment = replace(deployment, reboot=RebootRules(RebootPolicy.IF_REQUIRED, at="03:30"))
    run = runs.work(runs.make(deployment, opens_in=opens_in), beside=_asking((at, RunAction.CANCEL)))
    assert run.status is RunStatus.CANCELLED
    assert runs.now() < at + 500
    first, *_ = [*runs.records(run).values(), None]
    installed = [len(runs.fleet.get(each).installations) for each in ids]
    assert installed == ([len(PACKAGES), 0] if when in ("soak", "reboot wait") else [0, 0])
    if when == "reboot wait":
        assert first is not None
        assert first.status is MachineRunStatus.CANCELLED
        assert first.error == "The run was cancelled before its reboot."
        assert statuses_of(first) == _ALL
        assert runs.fleet.get(ids[0]).boot == 1
    with closing(connect(runs.home.state_file)) as connection:
        assert connection.execute("SELECT * FROM machine_claims").fetchall() == []


@pytest.mark.parametrize("change", ["removed", "disabled"])
def test_machine_that_somebody_takes_out_before_its_turn_is_left_alone(runs: FakeRuns, change: str) -> None:
    """It is no failure, and says why nothing was installed."""
    ids = runs.enrol(2, seconds_a_package=60.0)

    async def take_out(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        _take_out(runs, "m-002", change)

    run = runs.work(
        runs.make(replace(_ONE_BY_ONE, rollout=replace(_ONE_BY_ONE.rollout, budget=FailureBudget(machines=0)))),
        beside=take_out,
    )
    first, second = runs.records(run).values()
    assert first.status is MachineRunStatus.SUCCEEDED
    assert second.status in (MachineRunStatus.CANCELLED, MachineRunStatus.NOT_STARTED)
    assert second.error == f"it was {change} after the plan was made"
    assert {outcome.error for outcome in second.outcomes} == {second.error}
    assert set(statuses_of(second).values()) == {InstallationStatus.NOT_STARTED}
    assert runs.fleet.get(ids[1]).started_jobs == []
    assert "budget" not in run.note


@pytest.mark.parametrize("change", ["removed", "disabled"])
def test_machine_that_is_taken_out_in_its_turn_and_a_restart(runs: FakeRuns, change: str) -> None:
    """A removed one cannot be asked any more and says so; a disabled one is followed to its end. None stays in work."""
    runs.enrol(2, seconds_a_package=60.0)
    run = runs.make()
    runs.work(run, beside=_stop_after(60))
    _take_out(runs, "m-001", change)
    done = runs.work(run)
    first, second = runs.records(run).values()
    assert second.status is MachineRunStatus.SUCCEEDED
    if change == "disabled":
        assert done.status is RunStatus.SUCCEEDED
    else:
        assert (done.status, first.status) == (RunStatus.FAILED, MachineRunStatus.FAILED)
        assert "removed during its turn" in first.error
        assert set(statuses_of(first).values()) == {InstallationStatus.FAILED}
        assert first.ended_at is not None
        assert "in progress" not in done.note


def _take_out(runs: FakeRuns, name: str, change: str) -> None:
    with closing(connect(runs.home.state_file)) as connection:
        book = MachineBook(connection)
        if change == "removed":
            book.remove(name)
        else:
            book.set_enabled(name, enabled=False)


def test_claims_of_a_run_that_is_over_hold_no_machine(runs: FakeRuns) -> None:
    """Killed while downloading ahead, cancelled before its window: the machine is assessed on schedule all the same."""
    ids = runs.enrol(1)
    run = runs.make(opens_in=600)
    with closing(connect(runs.home.state_file)) as connection:
        assert RunBook(connection, runs.clock).claim(ids[0], run.id) is None
    runs.ask(run, RunAction.CANCEL)
    assert runs.work(run).status is RunStatus.CANCELLED
    with closing(connect(runs.home.state_file)) as connection:
        assert connection.execute("SELECT * FROM machine_claims").fetchall() == []
        connection.execute("INSERT INTO machine_claims VALUES (?, ?, '')", (ids[0], run.id))
        assert ScheduleBook(connection).claimed_machines() == frozenset()


def test_gate_that_does_not_hold_begins_no_wave(runs: FakeRuns) -> None:
    """Nor says that it has."""
    ids = runs.enrol(2)
    runs.change(ids[0], probe_says=["no"])
    rollout = replace(NIGHTLY.rollout, waves=(WaveRule(WaveKind.COUNT, amount=1),), gate=HealthGate(command="true"))
    runs.work(runs.make(replace(NIGHTLY, rollout=rollout)))
    assert [event.wave for event in runs.events if isinstance(event, WaveBegan)] == [0]


def test_settings_that_somebody_breaks_meanwhile_break_no_run(runs: FakeRuns) -> None:
    """The run goes on with those that it was taken up with."""
    runs.enrol(2, seconds_a_package=60.0)

    async def break_them(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(30)
        runs.home.config_file.write_text("[service\nnonsense")

    assert runs.work(runs.make(), beside=break_them).status is RunStatus.SUCCEEDED


def test_home_that_another_process_holds_while_planning_is_waited_for(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a minute of somebody's backup does not fail the night."""
    runs.enrol(1)
    first_seen, tries = Planner._first_seen, []

    def held(self: Planner) -> Mapping[tuple[str, str], datetime]:
        tries.append(1)
        if len(tries) <= 2:
            raise StoreBusy("Another process holds state.db.")
        return first_seen(self)

    monkeypatch.setattr(Planner, "_first_seen", held)
    assert runs.work(runs.make()).status is RunStatus.SUCCEEDED
    assert any("The plan waits" in event.text for event in runs.events if isinstance(event, RunNote))


def test_whoever_lost_the_lease_begins_nothing_more(runs: FakeRuns) -> None:
    """A console that stood still wakes up: before anything is written, and so begun, it sees that it was replaced."""
    ids = runs.enrol(2, seconds_a_package=30.0)
    held = take_lease(runs.home, clock=runs.clock)

    async def take_over(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        with closing(connect(runs.home.state_file)) as connection:
            now = runs.clock()
            LeaseBook(connection).take(Lease("another", 1, "other-host", "root", now, now, ""))

    run = runs.make(_ONE_BY_ONE)
    with closing(held), pytest.raises(LeaseGone):
        runs.work(run, beside=take_over, token=held.lease.token)
    assert runs.fleet.get(ids[1]).started_jobs == []
    assert runs.find_id(run.id).status is RunStatus.IN_PROGRESS


def test_two_runs_over_the_same_machines_in_other_orders_both_end(runs: FakeRuns) -> None:
    """Each waits for a machine at a time and holds no other meanwhile: no deadlock, no machine is in both at once."""
    ids = runs.enrol(4, lambda number: {"up": str(number), "down": str(9 - number)}, seconds_a_package=20.0)
    rollout = replace(NIGHTLY.rollout, concurrency=2)
    up = runs.make(replace(NIGHTLY, name="up", rollout=replace(rollout, order_by_tag="up")))
    down = runs.make(replace(NIGHTLY, name="down", rollout=replace(rollout, order_by_tag="down")))
    ends: list[Run] = []

    async def beside(runs: FakeRuns, run: Run) -> None:
        loop = asyncio.get_running_loop()
        engine = RunEngine(runs.home, down.id, runs.fleet.make_worker, runs.clock, monotonic=loop.time)
        ends.append(await engine.run())

    first = runs.work(up, beside=beside)
    assert first.status is RunStatus.SUCCEEDED
    second = ends[0] if ends else runs.work(down)
    assert second.status is RunStatus.SUCCEEDED
    for machine_id in ids:
        state = runs.fleet.get(machine_id)
        assert sorted(name for name, _, _ in state.installations) == sorted(PACKAGES)
    with closing(connect(runs.home.state_file)) as connection:
        assert connection.execute("SELECT count(*) FROM machine_claims").fetchone() == (0,)


def test_machine_whose_end_cannot_be_judged_costs_only_itself(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours in what one machine printed does not break the run off, again and again."""
    runs.enrol(2)
    judge = Sightings.judge

    def broken(self: Sightings, plan: MachinePlan, log: bytes, **more: Any) -> Any:  # as the method
        if plan.machine_id == "id-001":
            raise IndexError
        return judge(self, plan, log, **more)

    monkeypatch.setattr(Sightings, "judge", broken)
    run = runs.work(runs.make())
    first, second = runs.records(run).values()
    assert (run.status, first.status, second.status) == (
        RunStatus.FAILED,
        MachineRunStatus.FAILED,
        MachineRunStatus.SUCCEEDED,
    )
    assert "Patchdeck itself failed: IndexError" in first.error
