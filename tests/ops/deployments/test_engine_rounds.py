"""Rounds: on Windows the engine installs, restarts and looks again until nothing is left that the rules choose."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, Run
from fleet.deployments.window import Window
from fleet.tables import UPDATE_RUN_PROGRESS
from fleet.updates import RebootBehavior
from ops.deployments.events import MachineRoundBegan
from ops.deployments.history import view_run
from ops.deployments.run_picture import picture_of
from tests.ops.deployments.fake_machines import FakeState
from tests.ops.deployments.fake_runs import NIGHTLY, FakeRuns, statuses_of

_S, _F = InstallationStatus.SUCCEEDED, InstallationStatus.INSTALL_FAILED
STACK = {"restarts": False, "is_exclusive": True, "reboot_behavior": RebootBehavior.NEVER}
CHAIN: dict[str, dict[str, Any]] = {
    "stack": STACK,
    "cumulative": {"restarts": True, "after": "stack"},
    "net": {"restarts": True, "after": "cumulative"},
    "tool": {},
}


def enrol_windows(runs: FakeRuns, windows: dict[str, dict[str, Any]], **state: Any) -> str:
    """A machine that is offered these; its id."""
    offered = {name: f"KB50000{number:02}" for number, name in enumerate(windows)}
    (machine_id,) = runs.enrol(1, installed={}, offered=offered, windows=windows, **state)
    return machine_id


def _work(runs: FakeRuns, machine_id: str, deployment: Deployment = NIGHTLY) -> tuple[MachineRun, FakeState]:
    run = runs.work(runs.make(deployment))
    return runs.records(run)[machine_id], runs.fleet.get(machine_id)


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    """A home without machines."""
    return FakeRuns(tmp_path)


def test_chain_is_installed_to_its_end_and_every_update_has_its_outcome(runs: FakeRuns) -> None:
    """Stack and tool, then what needs the stack, then what needs that: three rounds, two restarts, one job each."""
    machine_id = enrol_windows(runs, CHAIN)
    run = runs.work(runs.make())
    record, state = runs.records(run)[machine_id], runs.fleet.get(machine_id)

    assert (record.status, record.error) == (MachineRunStatus.SUCCEEDED, "")
    assert statuses_of(record) == dict.fromkeys(CHAIN, _S)
    assert {outcome.name: outcome.round for outcome in record.outcomes} == {
        "stack": 1,
        "tool": 1,
        "cumulative": 2,
        "net": 3,
    }
    assert (record.rounds, record.reboots, state.boot) == (3, 2, 3)
    assert [name for name, _, _ in state.installations] == ["stack", "tool", "cumulative", "net"]
    assert state.started_jobs == [f"{run.id}-install", f"{run.id}-install-2", f"{run.id}-install-3"]
    assert state.jobs == {}
    began = [(event.round, event.updates) for event in runs.events if isinstance(event, MachineRoundBegan)]
    assert began == [(2, 1), (3, 1)]
    assert picture_of(runs.home, run.id).over == {machine_id: MachineRunStatus.SUCCEEDED}
    rows = runs.rows(UPDATE_RUN_PROGRESS)
    assert sorted(title.split()[0] for title in _titles(rows)) == sorted(CHAIN)
    from fleet.deployments.change_record import change_record_markdown

    view = view_run(runs.home, run.id)
    assert "| Round |" in change_record_markdown(view.run, view.machines, view.plan)


def test_rounds_of_a_definition_are_the_most(runs: FakeRuns) -> None:
    """With two, what the second one brings to light waits for another run."""
    machine_id = enrol_windows(runs, CHAIN)
    record, state = _work(runs, machine_id, replace(NIGHTLY, updates=replace(NIGHTLY.updates, rounds=2)))
    assert (record.status, record.rounds) == (MachineRunStatus.SUCCEEDED, 2)
    assert "net" not in state.installed


def test_linux_has_one_round_unless_a_definition_says_more(runs: FakeRuns) -> None:
    """And then nothing more is offered, so that there is one all the same."""
    (machine_id,) = runs.enrol(1, needs_reboot=True)
    record, state = _work(runs, machine_id)
    assessed = [call for _, call in state.calls if call == "assess"]
    record_of_more, _ = _work(runs, machine_id, replace(NIGHTLY, updates=replace(NIGHTLY.updates, rounds=3)))
    assert (record.rounds, record_of_more.rounds) == (1, 1)
    assert len(assessed) == 4  # to plan, before, after installing, after the reboot


def test_what_is_rolled_back_is_told_and_never_tried_again(runs: FakeRuns) -> None:
    """It is offered again after the restart although it was reported installed."""
    machine_id = enrol_windows(runs, {"bad": {"restarts": True, "rolls_back": True}, "tool": {}})
    record, state = _work(runs, machine_id)
    assert statuses_of(record) == {"bad": _F, "tool": _S}
    assert (record.rounds, len(state.started_jobs)) == (1, 1)
    assert "rolled" in next(outcome.error for outcome in record.outcomes if outcome.name == "bad")
    assert record.status is MachineRunStatus.FAILED


def test_update_that_failed_is_tried_once_more_after_the_restart(runs: FakeRuns) -> None:
    """As Windows itself advises; it counts as one that succeeded on retry."""
    machine_id = enrol_windows(runs, {"shy": {"fails_once": True}, "other": {"restarts": True}}, failing=["shy"])
    record, _ = _work(runs, machine_id)
    outcomes = {outcome.name: outcome for outcome in record.outcomes}
    assert statuses_of(record) == {"shy": _S, "other": _S}
    assert outcomes["shy"].succeeded_on_retry


def test_update_that_fails_twice_ends_the_rounds(runs: FakeRuns) -> None:
    """Two tries, and no third one."""
    machine_id = enrol_windows(runs, {"bad": {}, "other": {"restarts": True}, "tool": {}}, failing=["bad"])
    record, state = _work(runs, machine_id)
    assert statuses_of(record) == {"bad": _F, "other": _S, "tool": _S}
    assert record.rounds == 2
    assert next(outcome.tries for outcome in record.outcomes if outcome.name == "bad") == 2
    assert sum(1 for job in state.started_jobs) == 2


def test_exclusive_update_that_restarts_has_a_round_of_its_own(runs: FakeRuns) -> None:
    """Windows refuses it while the restart of another one is pending."""
    machine_id = enrol_windows(
        runs, {"pack": {"is_exclusive": True, "restarts": True}, "cumulative": {"restarts": True}, "stack": STACK}
    )
    record, state = _work(runs, machine_id)
    assert [name for name, _, _ in state.installations] == ["stack", "cumulative", "pack"]
    assert statuses_of(record) == dict.fromkeys(("pack", "cumulative", "stack"), _S)
    assert (record.rounds, state.boot) == (2, 3)


def test_pending_restart_is_made_first(runs: FakeRuns) -> None:
    """Windows installs nothing until then; that restart is no round."""
    machine_id = enrol_windows(runs, {"tool": {}, "cumulative": {"restarts": True}}, has_old_pending=True)
    record, state = _work(runs, machine_id)
    assert statuses_of(record) == {"tool": _S, "cumulative": _S}
    assert (record.rounds, record.reboots, state.boot) == (1, 2, 3)
    assert len(state.started_jobs) == 1


def test_pending_restart_stops_an_installation_that_makes_none(runs: FakeRuns) -> None:
    """Nothing is begun, and why is said before and after."""
    machine_id = enrol_windows(runs, {"tool": {}}, has_old_pending=True)
    never = replace(NIGHTLY, reboot=RebootRules(RebootPolicy.NEVER))
    record, state = _work(runs, machine_id, never)
    assert record.status is MachineRunStatus.FAILED
    assert "restart is pending" in record.error
    assert (state.started_jobs, state.boot) == ([], 1)


def test_update_that_waits_for_a_restart_succeeded_where_none_is_made(runs: FakeRuns) -> None:
    """It is installed; Windows goes on to offer it until it is restarted, and no further round begins."""
    machine_id = enrol_windows(runs, CHAIN)
    never = replace(NIGHTLY, reboot=RebootRules(RebootPolicy.NEVER))
    record, state = _work(runs, machine_id, never)
    assert statuses_of(record) == {"stack": _S, "tool": _S, "cumulative": _S}
    assert "restart" in next(outcome.error for outcome in record.outcomes if outcome.name == "cumulative")
    assert (record.status, record.rounds, state.boot) == (MachineRunStatus.SUCCEEDED, 2, 1)


def test_machine_is_back_once_its_servicing_is_done(runs: FakeRuns) -> None:
    """Half an hour of it is no failure, and nothing is asked of the agent meanwhile."""
    machine_id = enrol_windows(runs, {"cumulative": {"restarts": True}}, servicing_seconds=1800.0)
    record, state = _work(runs, machine_id)
    assert (record.status, record.error) == (MachineRunStatus.SUCCEEDED, "")
    assert (record.reboot_seconds or 0) >= 1800
    assessed = [at for at, call in state.calls if call == "assess"]
    assert assessed[-1] - assessed[-2] >= 1800


def test_servicing_without_end_is_told(runs: FakeRuns) -> None:
    """The machine is there, and is not done."""
    machine_id = enrol_windows(runs, {"cumulative": {"restarts": True}}, servicing_seconds=1e6)
    record, _ = _work(runs, machine_id)
    assert record.status is MachineRunStatus.FAILED
    assert "still works on what was installed" in record.error


def test_broken_agent_is_not_installed_with(runs: FakeRuns) -> None:
    """Its finding is the error."""
    machine_id = enrol_windows(runs, {"tool": {}}, is_agent_broken=True)
    record, state = _work(runs, machine_id)
    assert "0x80248007" in record.error
    assert state.started_jobs == []


def test_what_a_required_plan_did_not_name_is_left_out_and_told(runs: FakeRuns) -> None:
    """Rounds never install what nobody approved."""
    machine_id = enrol_windows(runs, CHAIN)
    run = runs.work(runs.make(opens_in=0.0, required_plan=_hash_of(runs)))
    record, state = runs.records(run)[machine_id], runs.fleet.get(machine_id)
    assert [name for name, _, _ in state.installations] == ["stack", "tool"]
    assert statuses_of(record)["cumulative"] is InstallationStatus.NOT_INCLUDED
    assert record.status is MachineRunStatus.SUCCEEDED
    assert any("after the plan was approved" in finding.text for finding in record.findings)


def _hash_of(runs: FakeRuns) -> str:
    """The hash of the plan that a run would have; nothing is installed for it."""
    import asyncio

    from ops.deployments.preview import PreviewOptions, preview

    options = PreviewOptions(runs.fleet.make_worker, runs.clock)
    return asyncio.run(preview(runs.home, NIGHTLY, options, lambda event: None)).hash


def test_exclusion_and_class_hold_in_every_round(runs: FakeRuns) -> None:
    """What is offered only later is asked by the same rules."""
    machine_id = enrol_windows(
        runs, {"stack": STACK, "cumulative": {"restarts": True, "after": "stack"}, "preview": {"after": "stack"}}
    )
    rules = replace(NIGHTLY.updates, exclude=(parse_mask("cumu*"),), include=(parse_mask("preview"),))
    record, state = _work(runs, machine_id, replace(NIGHTLY, updates=rules))
    assert sorted(state.installed) == ["preview", "stack"]
    assert statuses_of(record)["cumulative"] is InstallationStatus.EXCLUDED


def test_round_that_the_window_has_no_time_for_is_told(runs: FakeRuns) -> None:
    """What would have been installed in it has its outcome too."""
    machine_id = enrol_windows(runs, CHAIN, seconds_a_package=400.0)
    window = Window(minutes=20, stop_starting_minutes=8, reboot_minutes=1)
    record, state = _work(runs, machine_id, replace(NIGHTLY, window=window))
    assert sorted(state.installed) == ["stack", "tool"]
    assert statuses_of(record)["cumulative"] is InstallationStatus.WINDOW_EXCEEDED
    assert record.status is MachineRunStatus.WINDOW_EXCEEDED


def test_hard_stop_ends_nothing_on_windows(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job has no time at which it is ended."""
    from tests.ops.deployments.fake_machines import FakeWorker

    ends, start = [], FakeWorker.start

    async def note(self: FakeWorker, order: Any) -> Any:  # as the method
        ends.append(order.end_within_seconds)
        return await start(self, order)

    monkeypatch.setattr(FakeWorker, "start", note)
    machine_id = enrol_windows(runs, {"tool": {}})
    _work(runs, machine_id, replace(NIGHTLY, window=Window(hard_stop=True)))
    assert ends == [None]


def _titles(rows: pl.DataFrame) -> list[str]:
    """The updates that succeeded."""
    return rows.filter(pl.col("InstallationStatus") == "Succeeded")["Title"].to_list()


def test_what_takes_the_place_of_a_planned_update_is_installed(runs: FakeRuns) -> None:
    """Definitions are others after some hours: the planned ones are needed no more, which is no failure."""
    machine_id = enrol_windows(runs, {"definitions 1": {}, "definitions 2": {"after": "nothing"}})

    async def move(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(900)
        known = {"definitions 1": {"after": "nothing"}, "definitions 2": {}}
        runs.change(machine_id, windows=known)

    run = runs.work(runs.make(replace(NIGHTLY, predownload_minutes=30), opens_in=1800), beside=move)
    record = runs.records(run)[machine_id]
    assert sorted(runs.fleet.get(machine_id).installed) == ["definitions 2"]
    assert statuses_of(record) == {"definitions 1": InstallationStatus.NOT_INCLUDED, "definitions 2": _S}
    assert record.status is MachineRunStatus.SUCCEEDED


def test_installation_that_is_predicted_to_outlast_the_window_is_not_begun(runs: FakeRuns) -> None:
    """Nobody ends it at the end of the window, so that it may not begin."""
    machine_id = enrol_windows(runs, {"tool": {}, "other": {"after": "tool"}}, seconds_a_package=400.0)
    once = replace(NIGHTLY, updates=replace(NIGHTLY.updates, rounds=1))
    first, _ = _work(runs, machine_id, once)
    window = Window(minutes=6, stop_starting_minutes=1, reboot_minutes=1)
    second, state = _work(runs, machine_id, replace(once, window=window))
    assert first.status is MachineRunStatus.SUCCEEDED
    assert second.status is MachineRunStatus.WINDOW_EXCEEDED
    assert "predicted to take longer" in second.error
    assert sorted(state.installed) == ["tool"]
