"""Runs that need approval: nothing is done before others approved exactly what is done. Machines are fakes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import MachineRunStatus, Run, RunStatus
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.messages import MessageKind
from ops.approvals.giving import withdraw
from ops.deployments import approval_step
from ops.state.runs import RunAction
from tests.ops.approvals.approving import (
    ANNA,
    BOB,
    CARL,
    DORA,
    GUARDED,
    approvals_of,
    approve_plan,
    ask_for_run,
    define,
    messages_of,
    previewed,
)
from tests.ops.approvals.forging import forge
from tests.ops.deployments.fake_runs import FakeRuns

Beside = Callable[[FakeRuns, Run], Awaitable[None]]
SHORT = replace(GUARDED, window=Window(12, 2, 2))


def nothing_was_begun(runs: FakeRuns) -> bool:
    """Whether no machine was asked for more than to assess and to simulate."""
    states = [runs.fleet.get(f"id-{number:03}") for number in (1, 2)]
    return not any(state.started_jobs or state.scripts or state.installations for state in states)


def approves_after(seconds: float, *people: object) -> Beside:
    """CARL, or ``people``, approve the frozen plan of the run after a while."""

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(seconds)
        assert nothing_was_begun(runs)
        for person in people or (CARL,):
            approve_plan(runs, runs.find_id(run.id).plan_hash, person)  # type: ignore[arg-type]  # persons

    return beside


def test_plan_that_was_approved_before_is_installed_at_once(runs: FakeRuns) -> None:
    """The preview's hash is that of the frozen plan: nothing is waited for."""
    approve_plan(runs, previewed(runs).hash)
    run = runs.work(ask_for_run(runs))
    assert run.status is RunStatus.SUCCEEDED
    assert runs.now() < 400
    assert not messages_of(runs, MessageKind.APPROVAL_WANTED)


def test_run_waits_until_somebody_else_approves(runs: FakeRuns) -> None:
    """It says what it waits for, asks people once, and begins when enough have approved."""
    seen = []

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(200)
        seen.append(runs.find_id(run.id))
        await approves_after(0)(runs, run)

    run = runs.work(ask_for_run(runs), beside=beside)
    assert run.status is RunStatus.SUCCEEDED
    assert seen[0].status is RunStatus.WAITING
    assert seen[0].waits_for_approval
    assert seen[0].note.startswith("waits for approval: 0 of 1 approval.")
    assert run.started_at is not None
    assert (run.started_at - run.opens_at).total_seconds() >= 200
    (message,) = messages_of(runs, MessageKind.APPROVAL_WANTED)
    assert f"approve nightly --plan {run.plan_hash}" in message.text
    assert message.facts["asked by"] == "bob"
    assert [each.used_by for each in approvals_of(runs)] == [run.id]


def test_run_that_nobody_approves_ends_with_its_window_and_did_nothing(runs: FakeRuns) -> None:
    """Its note says why, and so does a message."""
    define(runs, SHORT)
    run = runs.work(ask_for_run(runs, SHORT))
    assert run.status is RunStatus.FAILED
    assert "it was not approved in time: 0 of 1 approval" in run.note
    assert nothing_was_begun(runs)
    assert 10 * 60 <= runs.now() < 11 * 60
    assert {record.status for record in runs.records(run).values()} == {MachineRunStatus.NOT_STARTED}
    assert all(record.error == "it was not approved in time" for record in runs.records(run).values())
    (message,) = messages_of(runs, MessageKind.APPROVAL_LAPSED)
    assert "not approved in time" in message.title


def test_two_approvals_take_two_people(runs: FakeRuns) -> None:
    """One person twice is one."""
    twice = replace(GUARDED, needs_approval=2)
    define(runs, twice)

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        await approves_after(0, CARL, replace(CARL, name="carla"))(runs, run)
        await asyncio.sleep(60)
        await approves_after(0, DORA)(runs, run)

    run = runs.work(ask_for_run(runs, twice), beside=beside)
    assert run.status is RunStatus.SUCCEEDED
    assert run.started_at is not None
    assert (run.started_at - run.opens_at).total_seconds() >= 120


def test_drifted_plan_lapses_what_was_approved(runs: FakeRuns) -> None:
    """The run says what differs, and waits for an approval of what it would do now."""
    approve_plan(runs, previewed(runs).hash)
    runs.change("id-001", offered={"curl": "3"})
    run = runs.work(ask_for_run(runs), beside=approves_after(100))
    assert run.status is RunStatus.SUCCEEDED
    first, second = approvals_of(runs)
    assert first.lapsed_for.startswith("the plan drifted")
    assert second.used_by == run.id
    (message,) = messages_of(runs, MessageKind.APPROVAL_WANTED)
    assert any("curl" in item for item in message.items)


def test_edit_lapses_what_was_approved(runs: FakeRuns) -> None:
    """Also while the run waits for its window, whatever the hash says."""
    approve_plan(runs, previewed(runs).hash)
    run = ask_for_run(runs, opens_in=100)
    define(runs, replace(GUARDED, description="another"), DORA)
    ended = runs.work(run, beside=approves_after(200))
    assert ended.status is RunStatus.SUCCEEDED
    assert approvals_of(runs)[0].lapsed_for.endswith("edited the deployment")


def test_edit_between_the_look_and_the_beginning_comes_before_it(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is approved is judged once more in the transaction that notes the beginning."""
    define(runs, SHORT)
    approve_plan(runs, previewed(runs, SHORT).hash)
    edited: list[Deployment] = []

    def edit(deployment: Deployment) -> dict[str, str]:
        if not edited:
            edited.append(replace(deployment, description="another"))
            define(runs, edited[0], DORA)
        return {}

    monkeypatch.setattr(approval_step, "hash_scripts", edit)
    run = runs.work(ask_for_run(runs, SHORT))
    assert edited
    assert "edited the deployment" in run.note
    assert nothing_was_begun(runs)


def test_approval_that_is_withdrawn_right_before_the_start_does_not_count(runs: FakeRuns) -> None:
    """Approved while machines download, withdrawn before the window: the run waits again."""
    ahead = replace(SHORT, predownload_minutes=10)
    define(runs, ahead)
    approve_plan(runs, previewed(runs, ahead).hash)

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(300)
        withdraw(runs.home, "nightly", person=CARL, clock=runs.clock)

    run = runs.work(ask_for_run(runs, ahead, opens_in=600), beside=beside)
    assert run.status is RunStatus.FAILED
    assert "carl: lapsed: carl withdrew it" in run.note


def test_nothing_is_downloaded_ahead_before_it_is_approved(runs: FakeRuns) -> None:
    """The plan is frozen, and people are asked, when the download would begin."""
    ahead = replace(SHORT, predownload_minutes=10)
    define(runs, ahead)

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(300)
        frozen = runs.find_id(run.id).plan_hash
        assert frozen
        assert nothing_was_begun(runs)
        approve_plan(runs, frozen)
        await asyncio.sleep(200)
        assert any(job for number in (1, 2) for job in runs.fleet.get(f"id-{number:03}").started_jobs)

    run = runs.work(ask_for_run(runs, ahead, opens_in=600), beside=beside)
    assert run.status is RunStatus.SUCCEEDED


def test_waiting_run_can_be_cancelled(runs: FakeRuns) -> None:
    """It ends at once, and nothing was done."""

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        runs.ask(run, RunAction.CANCEL)

    run = runs.work(ask_for_run(runs), beside=beside)
    assert run.status is RunStatus.CANCELLED
    assert nothing_was_begun(runs)
    assert not run.waits_for_approval


def test_run_that_is_paused_before_it_is_asked_for_says_who_paused_it(runs: FakeRuns) -> None:
    """And not, approved meanwhile, that it waits for approval."""
    run, notes = ask_for_run(runs, opens_in=60), []
    runs.ask(run, RunAction.PAUSE)

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(120)
        notes.append(runs.find_id(run.id))
        approve_plan(runs, notes[0].plan_hash)
        await asyncio.sleep(60)
        notes.append(runs.find_id(run.id))
        runs.ask(run, RunAction.RESUME)

    assert runs.work(run, beside=beside).status is RunStatus.SUCCEEDED
    assert [each.status for each in notes] == [RunStatus.PAUSED] * 2
    assert [each.waits_for_approval for each in notes] == [True, False]
    assert all(each.note.startswith("paused by") for each in notes)


def test_run_that_was_killed_while_it_waited_waits_on(runs: FakeRuns) -> None:
    """The next process asks nobody again, and takes what was approved meanwhile."""
    run = ask_for_run(runs)

    async def stop(runs: FakeRuns, _run: Run) -> None:
        await asyncio.sleep(60)
        runs.stop.set()

    assert runs.work(run, beside=stop).status is RunStatus.WAITING
    approve_plan(runs, runs.find_id(run.id).plan_hash)
    assert runs.work(run).status is RunStatus.SUCCEEDED
    assert len(messages_of(runs, MessageKind.APPROVAL_WANTED)) == 1


def test_run_that_has_begun_goes_on_whatever_becomes_of_its_approval(runs: FakeRuns) -> None:
    """After a restart in the middle neither an edit nor its age ends it: machines are in work."""
    for number in (1, 2):
        runs.change(f"id-{number:03}", seconds_a_package=300.0)
    approve_plan(runs, previewed(runs).hash)
    run = ask_for_run(runs)

    async def stop(runs: FakeRuns, _run: Run) -> None:
        while not runs.fleet.get("id-001").started_jobs:
            await asyncio.sleep(1)
        runs.stop.set()

    assert runs.work(run, beside=stop).status is RunStatus.IN_PROGRESS
    define(runs, replace(GUARDED, needs_approval=3, description="edited"), DORA)
    assert runs.work(run).status is RunStatus.SUCCEEDED


def test_approval_is_for_one_run(runs: FakeRuns) -> None:
    """Used by one, it cannot be played again for the next, although that would do the same once more."""
    reboots = replace(SHORT, updates=UpdateRules(), reboot=RebootRules(RebootPolicy.ONLY, return_minutes=1))
    define(runs, reboots)
    approve_plan(runs, previewed(runs, reboots).hash)
    first = runs.work(ask_for_run(runs, reboots))
    second = runs.work(ask_for_run(runs, reboots))
    assert first.plan_hash == second.plan_hash
    assert first.status is RunStatus.SUCCEEDED
    assert second.status is RunStatus.FAILED
    assert f"carl: used by run {first.id}" in second.note


def test_who_lowers_the_number_needs_as_many_for_the_next_run(runs: FakeRuns) -> None:
    """Neither by an edit nor by removing and adding again; after one approved run it is as the definition says."""
    none = replace(SHORT, needs_approval=0)
    define(runs, none, BOB)
    run = runs.work(ask_for_run(runs, none), beside=approves_after(100))
    assert run.status is RunStatus.SUCCEEDED
    assert run.started_at is not None
    assert (run.started_at - run.opens_at).total_seconds() >= 100
    began = runs.now()
    again = runs.work(ask_for_run(runs, none))
    assert again.started_at is not None
    assert runs.now() - began < 60


def test_setting_asks_for_approvals_of_every_run(runs: FakeRuns) -> None:
    """Also of a deployment that asks for none."""
    (runs.home.path / "config.toml").write_text("[approvals]\nneeded = 1\n")
    free = replace(SHORT, name="free", needs_approval=0)
    define(runs, free)
    run = runs.work(ask_for_run(runs, free))
    assert "it was not approved in time" in run.note


def test_approval_is_too_old_after_the_hours_of_the_setting(runs: FakeRuns) -> None:
    """A run that begins later waits for a new one."""
    (runs.home.path / "config.toml").write_text("[approvals]\nhours = 0.1\n")
    define(runs, SHORT)
    approve_plan(runs, previewed(runs, SHORT).hash)
    run = runs.work(ask_for_run(runs, SHORT, opens_in=360))
    assert "carl: lapsed: older than 0.1 h" in run.note


@pytest.mark.parametrize("place", ScriptPlace)
def test_script_that_is_changed_after_the_approval_is_not_run(runs: FakeRuns, place: ScriptPlace) -> None:
    """Its content belongs to the plan: nobody approved what it does now."""
    path = runs.path / "before.sh"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    scripted = replace(SHORT, scripts=(Script(ScriptStage.PRE, place, str(path)),))
    define(runs, scripted)

    async def beside(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        path.write_text("#!/bin/sh\nrm -rf /\n")
        await approves_after(0)(runs, run)

    run = runs.work(ask_for_run(runs, scripted), beside=beside)
    assert run.status is RunStatus.FAILED
    assert "the files of its scripts were changed" in run.note
    assert nothing_was_begun(runs)


@pytest.mark.parametrize("person", [ANNA, BOB], ids=["who added it", "who asked for the run"])
def test_row_of_ones_own_approval_counts_for_nothing(runs: FakeRuns, person: object) -> None:
    """Given before there was a run, or written past the verb: it is judged when the run begins."""
    define(runs, SHORT)
    run = ask_for_run(runs, SHORT)
    forge(runs, previewed(runs, SHORT).hash, person, audited=True)  # type: ignore[arg-type]  # persons
    ended = runs.work(run)
    assert ended.status is RunStatus.FAILED
    assert nothing_was_begun(runs)
