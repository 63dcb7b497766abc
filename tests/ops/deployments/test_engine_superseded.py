"""A newer version than the plan names, between the plan and a machine's turn: installed where the rules allow it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import parse_mask
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, UpdateOutcome
from ops.deployments.preview import PreviewOptions, preview
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns
from tests.ops.deployments.virtual_time import run_virtual

_AHEAD = replace(NIGHTLY, predownload_minutes=30)


async def _move(runs: FakeRuns, run: Run) -> None:
    await asyncio.sleep(900)
    runs.change("id-001", offered={**dict.fromkeys(PACKAGES, "2"), "curl": "3"})


def _work(runs: FakeRuns, deployment: Deployment, required_plan: str = "") -> tuple[Run, UpdateOutcome]:
    run = runs.work(runs.make(deployment, opens_in=1800, required_plan=required_plan), beside=_move)
    outcomes = runs.records(run)["id-001"].outcomes
    return run, next(outcome for outcome in outcomes if outcome.name == "curl")


def test_newer_version_is_installed_and_said(runs: FakeRuns) -> None:
    """The machine is as patched as it can be; a finding names both versions."""
    runs.enrol(1)
    run, curl = _work(runs, _AHEAD)
    record = runs.records(run)["id-001"]
    assert (record.status, curl.status) == (MachineRunStatus.SUCCEEDED, InstallationStatus.SUCCEEDED)
    assert sorted((name, version) for name, version, _ in runs.fleet.get("id-001").installations) == [
        ("curl", "3"),
        ("openssl", "2"),
        ("zlib", "2"),
    ]
    assert "curl 2 of the plan was superseded: the machine is offered 3, and gets it." in [
        finding.text for finding in record.findings
    ]


def test_newer_version_that_a_rule_excludes_is_not_installed(runs: FakeRuns) -> None:
    """It is Excluded, as the rule says, and the machine has not failed."""
    runs.enrol(1)
    rules = replace(NIGHTLY.updates, exclude=(parse_mask("curl=3"),))
    run, curl = _work(runs, replace(_AHEAD, updates=rules))
    assert curl.status is InstallationStatus.EXCLUDED
    assert curl.error.startswith(
        "the machine is offered 3 now, the plan names 2, which is left out: excluded by curl=3"
    )
    assert runs.records(run)["id-001"].status is MachineRunStatus.SUCCEEDED
    assert runs.fleet.get("id-001").installed["curl"] == "1"


def test_newer_version_that_is_too_young_is_not_installed(runs: FakeRuns) -> None:
    """A minimum age holds for what nobody had seen when the plan was made."""
    runs.enrol(1)
    deployment = replace(_AHEAD, updates=replace(NIGHTLY.updates, minimum_age_days=1))
    run_virtual(preview(runs.home, deployment, PreviewOptions(runs.fleet.make_worker, runs.clock), lambda event: None))
    runs.offset += timedelta(days=3).total_seconds()
    run, curl = _work(runs, deployment)
    assert curl.status is InstallationStatus.EXCLUDED
    assert runs.records(run)["id-001"].status is MachineRunStatus.SUCCEEDED
    assert runs.fleet.get("id-001").installed["curl"] == "1"


def test_plan_that_was_required_is_kept_to_the_letter(runs: FakeRuns) -> None:
    """Nobody approved the newer version."""
    runs.enrol(1)
    plan = run_virtual(
        preview(runs.home, _AHEAD, PreviewOptions(runs.fleet.make_worker, runs.clock), lambda event: None)
    )
    _, curl = _work(runs, _AHEAD, plan.hash)
    assert curl.status is InstallationStatus.NOT_STARTED
    assert curl.error == "the machine is offered 3 now, the plan names 2; that plan was required"
    assert runs.fleet.get("id-001").installed["curl"] == "1"


def test_update_that_is_held_since_the_plan_is_excluded(runs: FakeRuns) -> None:
    """Somebody decided so on the machine: it is not tried, and no failure; the next process knows it too."""
    runs.enrol(1)
    run = runs.make(_AHEAD, opens_in=1800)

    async def hold_and_stop(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(900)
        runs.change("id-001", held=["curl"])
        while not runs.fleet.get("id-001").started_jobs[1:]:
            await asyncio.sleep(1)
        runs.stop.set()

    runs.work(run, beside=hold_and_stop)
    runs.work(run)
    record = runs.records(run)["id-001"]
    curl = next(outcome for outcome in record.outcomes if outcome.name == "curl")
    assert (record.status, curl.status) == (MachineRunStatus.SUCCEEDED, InstallationStatus.EXCLUDED)
    assert curl.error == "held, since the plan was made"
    assert sorted(name for name, _, _ in runs.fleet.get("id-001").installations) == ["openssl", "zlib"]


@pytest.mark.parametrize("seconds", [1.5, 12.0])
def test_newer_version_is_remembered_by_the_next_process(runs: FakeRuns, seconds: float) -> None:
    """Killed after the order, or while it installs: the same version is installed, once."""
    runs.enrol(1)
    run = runs.make(_AHEAD, opens_in=1800)

    async def move_and_stop(runs: FakeRuns, run: Run) -> None:
        await _move(runs, run)
        while not runs.fleet.get("id-001").started_jobs[1:]:
            await asyncio.sleep(1)
        await asyncio.sleep(seconds)
        runs.stop.set()

    runs.work(run, beside=move_and_stop)
    runs.work(run)
    assert sorted(f"{name} {version}" for name, version, _ in runs.fleet.get("id-001").installations) == [
        "curl 3",
        "openssl 2",
        "zlib 2",
    ]
