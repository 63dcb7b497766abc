"""Machines that refuse: where nothing can have begun they are believed, where a job may run they are asked again."""

import asyncio
from dataclasses import replace

import pytest

from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.failures import FailureKind
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FailureKind.NO_ROOT, MachineRunStatus.FAILED),
        (FailureKind.NO_PACKAGE_MANAGER, MachineRunStatus.FAILED),
        (FailureKind.HOST_KEY_CHANGED, MachineRunStatus.UNREACHABLE),
        (FailureKind.LOGIN_REFUSED, MachineRunStatus.UNREACHABLE),
        (FailureKind.JOB_REFUSED, MachineRunStatus.FAILED),
    ],
)
def test_machine_that_refuses_a_job_is_not_asked_all_night(
    runs: FakeRuns, kind: FailureKind, status: MachineRunStatus
) -> None:
    """It is over within minutes, and says of each update that nothing was installed, and why."""
    ids = runs.enrol(2)
    runs.change(ids[0], refused={"start": kind.value})
    run = runs.work(runs.make())
    first, second = runs.records(run).values()
    assert (first.status, second.status) == (status, MachineRunStatus.SUCCEEDED)
    assert runs.now() < 400
    assert set(statuses_of(first).values()) == {InstallationStatus.FAILED}
    assert all("nothing came back" in outcome.error for outcome in first.outcomes)
    assert first.failure is not None
    assert first.failure.kind is kind


def test_machine_that_refuses_root_is_still_tidied_up(runs: FakeRuns) -> None:
    """What the script before changed there, the script after changes back."""
    script = runs.path / "drain.sh"
    script.write_text("#!/bin/sh\n")
    scripts = tuple(Script(stage, ScriptPlace.MACHINE, str(script)) for stage in ScriptStage)
    ids = runs.enrol(1, refused={"start": FailureKind.NO_ROOT.value})
    runs.work(runs.make(replace(NIGHTLY, scripts=scripts)))
    assert [said.split()[-1] for said in runs.fleet.get(ids[0]).scripts] == ["pre", "post"]


def test_job_that_may_run_is_waited_for_whatever_the_machine_says(runs: FakeRuns) -> None:
    """Its login is refused for half an hour, since its own update restarts things: then the job's end is heard."""
    ids = runs.enrol(1, seconds_a_package=60.0)

    async def lock_out(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        runs.change(ids[0], refused={"": FailureKind.LOGIN_REFUSED.value})
        await asyncio.sleep(1800)
        runs.change(ids[0], refused={})

    run = runs.work(runs.make(), beside=lock_out)
    state = runs.fleet.get(ids[0])
    assert run.status is RunStatus.SUCCEEDED
    assert len(state.started_jobs) == 1
    assert len(state.installations) == len(PACKAGES)


def test_start_that_was_cut_is_looked_for_before_a_refusal_is_believed(runs: FakeRuns) -> None:
    """The order may have come through: the machine's own word is waited for."""
    ids = runs.enrol(1, seconds_a_package=10.0)
    runs.change(ids[0], refused={"start": FailureKind.CONNECTION_LOST.value})

    async def refuse(runs: FakeRuns, run: Run) -> None:
        while not any(each.status is MachineRunStatus.IN_PROGRESS for each in runs.records(run).values()):
            await asyncio.sleep(1)
        await asyncio.sleep(6)
        runs.change(ids[0], refused={"": FailureKind.HOST_KEY_CHANGED.value})
        await asyncio.sleep(900)
        runs.change(ids[0], refused={})

    assert runs.work(runs.make(), beside=refuse).status is RunStatus.SUCCEEDED
    assert len(runs.fleet.get(ids[0]).started_jobs) == 1


def test_reboot_that_is_refused_is_said_at_once(runs: FakeRuns) -> None:
    """Nobody waits for a machine to come back that never went."""
    runs.enrol(1, needs_reboot=True, refused={"reboot": FailureKind.NO_ROOT.value})
    run = runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(RebootPolicy.IF_REQUIRED))))
    (record,) = runs.records(run).values()
    assert record.status is MachineRunStatus.FAILED
    assert "it was not rebooted" in record.error.lower()
    assert set(statuses_of(record).values()) == {InstallationStatus.SUCCEEDED}
    assert runs.now() < 400
    assert not record.rebooted
