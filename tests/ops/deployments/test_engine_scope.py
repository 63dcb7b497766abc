"""A scope that shrinks while a run works: who was not begun is left, and what was begun is nobody's failure."""

import asyncio
from dataclasses import replace

from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import Rollout
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.deployments.waves import parse_wave
from fleet.deployments.window import Window
from fleet.failures import FailureKind, FindingKind
from fleet.groups.group import Group
from ops.deployments.targets import resolve_targets
from ops.groups import define_group
from ops.scoping import add_to_scope
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of

_OUTSIDE = FailureKind.OUT_OF_SCOPE.value


def test_run_begins_without_machines_outside(runs: FakeRuns) -> None:
    """They are not in its plan, and it says so."""
    runs.enrol(3)
    define_group(runs.home, Group("first", ("m-001",)))
    add_to_scope(runs.home, ["first"])

    run = runs.work(runs.make())

    assert [record.machine_name for record in runs.records(run).values()] == ["m-001"]
    assert run.status is RunStatus.SUCCEEDED
    (note,) = resolve_targets(runs.home, NIGHTLY).notes
    assert note == "Outside the scope, and left out: 2 of 3 machines (m-002, m-003); not in the group first."
    assert any(note in str(event) for event in runs.events)


def test_run_of_nobody_inside_does_nothing(runs: FakeRuns) -> None:
    """And ends."""
    runs.enrol(1)
    define_group(runs.home, Group("none", ("none-*",)))
    add_to_scope(runs.home, ["none"])

    run = runs.work(runs.make())

    assert run.status is RunStatus.FAILED
    assert "no enabled machine is among its targets" in run.note
    assert runs.fleet.get("id-001").calls == []


def test_machine_that_falls_outside_before_its_job_is_cancelled(runs: FakeRuns) -> None:
    """Somebody wanted it so: it costs no budget, and says why nothing was installed."""
    ids = runs.enrol(2)
    runs.change(ids[0], refused={"start": _OUTSIDE})

    run = runs.work(runs.make())

    first, second = runs.records(run).values()
    assert (first.status, second.status) == (MachineRunStatus.CANCELLED, MachineRunStatus.SUCCEEDED)
    assert set(statuses_of(first).values()) == {InstallationStatus.NOT_STARTED}
    assert first.failure is None
    assert runs.now() < 400


def test_waves_that_were_not_begun_are_cancelled(runs: FakeRuns) -> None:
    """Nobody connects to their machines any more; the wave in work goes on, and the run says that it was not all."""
    ids = runs.enrol(3, seconds_a_package=60.0)
    waves = Rollout(waves=(parse_wave("m-001"), parse_wave("m-002"), parse_wave("all")))

    async def narrow(runs: FakeRuns, run: Run) -> None:
        while not runs.fleet.get(ids[0]).started_jobs:
            await asyncio.sleep(1)
        for machine_id in ids[1:]:
            runs.change(machine_id, refused={"": _OUTSIDE})

    run = runs.work(runs.make(replace(NIGHTLY, rollout=waves)), beside=narrow)

    assert [record.status for record in runs.records(run).values()] == [
        MachineRunStatus.SUCCEEDED,
        MachineRunStatus.CANCELLED,
        MachineRunStatus.CANCELLED,
    ]
    assert (run.status, run.note) == (RunStatus.FAILED, "1 of 3 machines succeeded, 2 cancelled")
    assert not any(runs.fleet.get(machine_id).started_jobs for machine_id in ids[1:])


def test_job_goes_on_by_itself_and_is_followed_again(runs: FakeRuns) -> None:
    """Nobody connects while the machine is outside; when it is inside again, what it did is heard."""
    ids = runs.enrol(1, seconds_a_package=60.0)

    async def narrow(runs: FakeRuns, run: Run) -> None:
        while not runs.fleet.get(ids[0]).started_jobs:
            await asyncio.sleep(1)
        runs.change(ids[0], refused={"": _OUTSIDE})
        await asyncio.sleep(1800)
        runs.change(ids[0], refused={})

    run = runs.work(runs.make(), beside=narrow)

    assert run.status is RunStatus.SUCCEEDED
    assert len(runs.fleet.get(ids[0]).installations) == len(PACKAGES)


def test_what_became_of_a_job_outside_is_not_known(runs: FakeRuns) -> None:
    """It is told so, well after the window, and the run ends."""
    ids = runs.enrol(1, seconds_a_package=60.0)

    async def narrow(runs: FakeRuns, run: Run) -> None:
        while not runs.fleet.get(ids[0]).started_jobs:
            await asyncio.sleep(1)
        runs.change(ids[0], refused={"": _OUTSIDE})

    run = runs.work(runs.make(replace(NIGHTLY, window=Window(20))), beside=narrow)

    (record,) = runs.records(run).values()
    assert record.status is MachineRunStatus.FAILED
    assert record.failure is not None
    assert record.failure.kind is FailureKind.OUT_OF_SCOPE
    assert InstallationStatus.SUCCEEDED not in statuses_of(record).values()


def test_machine_that_is_outside_is_not_rebooted(runs: FakeRuns) -> None:
    """What was installed stays so, and it is said."""
    runs.enrol(1, needs_reboot=True, refused={"reboot": _OUTSIDE})

    run = runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(RebootPolicy.IF_REQUIRED))))

    (record,) = runs.records(run).values()
    assert "it was not rebooted" in record.error.lower()
    assert set(statuses_of(record).values()) == {InstallationStatus.SUCCEEDED}


def test_reboot_that_nobody_may_watch_is_no_machine_that_never_returned(runs: FakeRuns) -> None:
    """Nobody looked."""
    ids = runs.enrol(1, needs_reboot=True)

    async def narrow(runs: FakeRuns, run: Run) -> None:
        while runs.fleet.get(ids[0]).boot == 1:
            await asyncio.sleep(1)
        runs.change(ids[0], refused={"": _OUTSIDE})

    run = runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(RebootPolicy.IF_REQUIRED))), beside=narrow)

    (record,) = runs.records(run).values()
    assert record.failure is not None
    assert record.failure.kind is FailureKind.OUT_OF_SCOPE
    assert FindingKind.NEVER_RETURNED not in {finding.kind for finding in record.findings}
