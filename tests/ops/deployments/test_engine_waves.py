"""Waves, clusters, budget, gates, pause and cancel: which machines a run begins, and when."""

import asyncio
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.tables import MACHINE_RUN
from ops.deployments.events import (
    BudgetExhausted,
    GateFailed,
    MachineNote,
    RunCancelled,
    RunNote,
    RunPaused,
    RunResumed,
    WaveBegan,
)
from ops.deployments.history import view_run
from ops.state import connect
from ops.state.runs import RunAction, RunBook
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of, times_of


def _by(*rules: WaveRule, **more: Any) -> Rollout:
    return replace(Rollout(rules), **more)


def test_failure_budget_stops_the_third_wave(runs: FakeRuns) -> None:
    """200 machines: canaries, 60, the rest; what fails in the third stops it, those in work go on to their end."""
    ids = runs.enrol(200, lambda number: {"ring": "canary"} if number <= 5 else {})
    for machine_id in ids[70:80]:
        runs.change(machine_id, is_off=True)
    for machine_id in ids[80:100]:
        runs.change(machine_id, failing=["openssl"])
    waves = (WaveRule(WaveKind.TARGET, target="tag:ring=canary"), WaveRule(WaveKind.COUNT, amount=60))
    rollout = _by(*waves, WaveRule(WaveKind.REST), budget=FailureBudget(percent=5.0), concurrency=20)
    run = runs.work(runs.make(replace(NIGHTLY, rollout=rollout)))

    records = runs.records(run)
    statuses = [record.status for record in records.values()]
    assert run.status is RunStatus.FAILED
    assert "the failure budget is exhausted" in run.note
    assert {record.status for record in records.values() if record.wave < 2} == {MachineRunStatus.SUCCEEDED}
    assert statuses.count(MachineRunStatus.UNREACHABLE) == 10
    assert 1 <= statuses.count(MachineRunStatus.FAILED) <= 20
    assert MachineRunStatus.IN_PROGRESS not in statuses
    begun = [record for record in records.values() if record.status is not MachineRunStatus.NOT_STARTED]
    assert len(begun) <= 65 + 10 + 2 * 20
    for record in records.values():
        is_begun = bool(runs.fleet.get(record.machine_id).started_jobs)
        assert is_begun == (record.status in (MachineRunStatus.SUCCEEDED, MachineRunStatus.FAILED))
    assert [event.machines for event in runs.events if isinstance(event, WaveBegan)] == [5, 60, 135]
    assert [event.machines for event in runs.events if isinstance(event, BudgetExhausted)] == [200]
    rows = runs.rows(MACHINE_RUN)
    assert rows["SourceComputerId"].sort().to_list() == ids
    assert rows.filter(Status="NotStarted").height == statuses.count(MachineRunStatus.NOT_STARTED)


def test_waves_follow_each_other(runs: FakeRuns) -> None:
    """No machine of a wave is begun before the last one of the wave before is over."""
    ids = runs.enrol(6)
    runs.work(runs.make(replace(NIGHTLY, rollout=_by(WaveRule(WaveKind.COUNT, amount=2)))))
    starts = times_of(runs.fleet, ids, "start")
    ends = times_of(runs.fleet, ids, "forget")
    assert max(starts[:2]) < min(ends[:2]) <= max(ends[:2]) < min(starts[2:4])
    assert max(ends[2:4]) < min(starts[4:])


def test_machines_of_a_cluster_are_never_in_work_together(runs: FakeRuns) -> None:
    """Nine machines in three clusters: at every moment at most one of each."""
    ids = runs.enrol(9, lambda number: {"cluster": f"c{number % 3}"})
    runs.work(runs.make(replace(NIGHTLY, rollout=_by(cluster_tag="cluster"))))
    spans = defaultdict(list)
    for number, machine_id in enumerate(ids, 1):
        calls = [at for at, call in runs.fleet.get(machine_id).calls if call.startswith(("start", "forget"))]
        spans[number % 3].append((calls[0], calls[-1]))
    for held in spans.values():
        assert all(earlier[1] < later[0] for earlier, later in zip(sorted(held), sorted(held)[1:], strict=False))
    assert max(len(held) for held in spans.values()) == 3


def test_no_more_machines_at_once_than_asked(runs: FakeRuns) -> None:
    """With concurrency 1 they go one after the other, in the order of the tag."""
    ids = runs.enrol(3, lambda number: {"order": str(4 - number)})
    runs.work(runs.make(replace(NIGHTLY, rollout=_by(order_by_tag="order", concurrency=1))))
    starts, ends = times_of(runs.fleet, ids[::-1], "start"), times_of(runs.fleet, ids[::-1], "forget")
    assert starts[0] < ends[0] < starts[1] < ends[1] < starts[2]


def test_gate_that_does_not_hold_stops_the_next_wave(runs: FakeRuns) -> None:
    """After its soak time the probe's lines are what is said; the second wave stays as it is."""
    ids = runs.enrol(2)
    runs.change(ids[0], probe_says=["curl localhost ended with 7"])
    gate = HealthGate(command="curl localhost", soak_minutes=10)
    run = runs.work(runs.make(replace(NIGHTLY, rollout=_by(WaveRule(WaveKind.COUNT, amount=1), gate=gate))))
    records = list(runs.records(run).values())
    assert [record.status for record in records] == [MachineRunStatus.SUCCEEDED, MachineRunStatus.NOT_STARTED]
    assert run.status is RunStatus.FAILED
    assert "the gate after wave 1 does not hold: m-001: curl localhost ended with 7" in run.note
    assert {outcome.error for outcome in records[1].outcomes} == {records[1].error}
    assert [event.problems for event in runs.events if isinstance(event, GateFailed)] == [
        ("m-001: curl localhost ended with 7",)
    ]
    probed, done = times_of(runs.fleet, ids[:1], "probe"), times_of(runs.fleet, ids[:1], "forget")
    assert probed[0] - done[0] > 600


async def _ask_at(runs: FakeRuns, run: Run, *asked: tuple[float, RunAction]) -> None:
    for at, action in asked:
        await asyncio.sleep(at - asyncio.get_running_loop().time())
        runs.ask(run, action)


def test_pause_begins_no_machine_until_resumed(runs: FakeRuns) -> None:
    """Those in work finish; after an hour the rest goes on."""
    ids = runs.enrol(4, seconds_a_package=60)
    run = runs.work(
        runs.make(replace(NIGHTLY, rollout=_by(concurrency=2), window=replace(NIGHTLY.window, minutes=240))),
        beside=lambda runs, run: _ask_at(runs, run, (60, RunAction.PAUSE), (3660, RunAction.RESUME)),
    )
    assert run.status is RunStatus.SUCCEEDED
    starts = times_of(runs.fleet, ids, "start")
    assert max(starts[:2]) < 60
    assert min(starts[2:]) > 3660


def test_paused_run_stays_paused_in_the_next_process(runs: FakeRuns) -> None:
    """A service that is started again does not resume what somebody paused."""
    ids = runs.enrol(2)
    run = runs.make(replace(NIGHTLY, rollout=_by(concurrency=1)))
    runs.ask(run, RunAction.PAUSE)

    async def stop(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(300)
        runs.stop.set()

    assert runs.work(run, beside=stop).status is RunStatus.PAUSED
    assert runs.work(run, beside=stop).status is RunStatus.PAUSED
    assert not any(runs.fleet.get(machine_id).started_jobs for machine_id in ids)
    runs.ask(run, RunAction.RESUME)
    assert runs.work(run).status is RunStatus.SUCCEEDED


def test_cancelled_run_says_what_was_done_and_what_not(runs: FakeRuns) -> None:
    """The transaction that runs ends; what was not begun is NotStarted; no reboot; machines not begun stay so."""
    packages = [f"p{number:02}" for number in range(60)]
    old, new = dict.fromkeys(packages, "1"), dict.fromkeys(packages, "2")
    ids = runs.enrol(2, needs_reboot=True, seconds_a_package=10.0, installed=old, offered=new)
    run = runs.work(
        runs.make(replace(NIGHTLY, rollout=_by(concurrency=1))),
        beside=lambda runs, run: _ask_at(runs, run, (120, RunAction.CANCEL)),
    )
    first, second = runs.records(run).values()
    assert run.status is RunStatus.CANCELLED
    assert (first.status, second.status) == (MachineRunStatus.CANCELLED, MachineRunStatus.NOT_STARTED)
    done = [outcome.status for outcome in first.outcomes]
    assert done.count(InstallationStatus.SUCCEEDED) == len(runs.fleet.get(ids[0]).installations) == 30
    assert done.count(InstallationStatus.NOT_STARTED) == 30
    assert runs.fleet.get(ids[0]).boot == 1
    assert {outcome.status for outcome in second.outcomes} == {InstallationStatus.NOT_STARTED}
    assert "cancelled" in run.note


def test_what_is_asked_is_told_with_who_and_why(runs: FakeRuns) -> None:
    """Open, a run says what keeps it back; over, who cancelled it. What is so already, or too late, is not told."""
    runs.enrol(2, seconds_a_package=60)
    notes: list[tuple[RunStatus, str]] = []

    async def ask(runs: FakeRuns, run: Run) -> None:
        for action, reason in (
            (RunAction.RESUME, ""),
            (RunAction.PAUSE, "load is high"),
            (RunAction.PAUSE, "once more"),
            (RunAction.CANCEL, "the shop is down"),
            (RunAction.RESUME, ""),
            (RunAction.CANCEL, ""),
        ):
            runs.ask(run, action, reason)
            await asyncio.sleep(5)
            seen = runs.find_id(run.id)
            notes.append((seen.status, seen.note))

    run = runs.work(runs.make(replace(NIGHTLY, rollout=_by(concurrency=1))), beside=ask)
    paused, cancelled = "paused by anna: load is high", "being cancelled by anna: the shop is down"
    going_on = RunStatus.IN_PROGRESS
    assert notes == [(going_on, ""), *[(RunStatus.PAUSED, paused)] * 2, *[(going_on, cancelled)] * 3]
    assert run.note.startswith("cancelled by anna: the shop is down; ")
    asked = view_run(runs.home, run.id).interventions
    assert [(e.deed, e.user, e.reason) for e in asked] == [
        ("pause", "anna", "load is high"),
        ("cancel", "anna", "the shop is down"),
    ]
    assert [
        (type(e).__name__, e.reason) for e in runs.events if isinstance(e, RunPaused | RunResumed | RunCancelled)
    ] == [
        ("RunPaused", "load is high"),
        ("RunCancelled", "the shop is down"),
    ]
    assert "It is too late to resume: the run is cancelled." in [e.text for e in runs.events if isinstance(e, RunNote)]
    assert [*runs.records(run).values()][1].error == "the run was cancelled before its turn"


@pytest.mark.parametrize("change", ["edited", "removed"])
def test_deployment_that_changes_meanwhile_changes_nothing(runs: FakeRuns, change: str) -> None:
    """The run is of the deployment as it was when the run was made."""
    ids = runs.enrol(2)
    with closing(connect(runs.home.state_file)) as connection:
        connection.execute(
            "INSERT INTO deployments (name, document, changed_at, changed_by) VALUES ('nightly', '{}', '', '')"
        )

    async def change_it(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(10)
        with closing(connect(runs.home.state_file)) as connection:
            edit = "UPDATE deployments SET document = '{\"targets\":[]}'"
            connection.execute(edit if change == "edited" else "DELETE FROM deployments")

    run = runs.work(runs.make(), beside=change_it)
    assert run.status is RunStatus.SUCCEEDED
    assert all(len(runs.fleet.get(machine_id).installations) == len(PACKAGES) for machine_id in ids)


def test_machine_that_another_run_has_is_waited_for(runs: FakeRuns) -> None:
    """When it is let go in time it is installed; when the window ends before, that is said with the run's id."""
    ids = runs.enrol(1)
    other = runs.make(replace(NIGHTLY, name="other"))

    def hold() -> None:
        with closing(connect(runs.home.state_file)) as connection:
            assert RunBook(connection).claim(ids[0], other.id) is None

    async def let_go(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(600)
        with closing(connect(runs.home.state_file)) as connection:
            RunBook(connection).release(ids[0], other.id)

    hold()
    late = runs.work(runs.make())
    (record,) = runs.records(late).values()
    assert record.status is MachineRunStatus.WINDOW_EXCEEDED
    assert f"the run {other.id} had the machine" in record.error
    assert set(statuses_of(record).values()) == {InstallationStatus.WINDOW_EXCEEDED}
    assert runs.fleet.get(ids[0]).started_jobs == []

    assert runs.work(runs.make(), beside=let_go).status is RunStatus.SUCCEEDED
    assert times_of(runs.fleet, ids, "start")[0] > 600


def test_machine_waits_while_another_run_works_on_its_cluster(runs: FakeRuns) -> None:
    """Two runs together take down no more of a cluster than one does."""
    ids = runs.enrol(2, lambda _: {"cluster": "db"})
    other = runs.make(replace(NIGHTLY, name="other"))
    with closing(connect(runs.home.state_file)) as connection:
        assert RunBook(connection).claim(ids[1], other.id) is None

    async def let_go(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(600)
        with closing(connect(runs.home.state_file)) as connection:
            RunBook(connection).release(ids[1], other.id)

    rollout = _by(cluster_tag="cluster")
    run = runs.work(runs.make(replace(NIGHTLY, targets=("m-001",), rollout=rollout)), beside=let_go)
    assert run.status is RunStatus.SUCCEEDED
    assert times_of(runs.fleet, ids[:1], "start")[0] > 600
    notes = [event.text for event in runs.events if isinstance(event, MachineNote)]
    assert notes == [f"The run {other.id} works on m-002 of the same cluster; this one waits."]
