"""What goes wrong at night: lost connections, reboots, full disks, clocks, short windows, bad packages."""

import asyncio
import errno
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus
from fleet.deployments.window import Window
from fleet.failures import FindingKind
from fleet.tables import MACHINE_RUN
from ops.deployments.events import MachineNote, RunNote
from ops.deployments.folder import RunFolder, run_folder
from ops.deployments.ledger import Ledger
from ops.deployments.preview import PreviewOptions, preview
from ops.state import connect
from ops.state.runs import RunBook
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of
from tests.ops.deployments.virtual_time import run_virtual

_ALL = dict.fromkeys(PACKAGES, InstallationStatus.SUCCEEDED)
_MANY = [f"p{number:02}" for number in range(90)]


def _notes(runs: FakeRuns) -> list[str]:
    return [event.text for event in runs.events if isinstance(event, MachineNote | RunNote)]


def test_connections_that_break_cost_nothing(runs: FakeRuns) -> None:
    """Cut every few seconds during a long installation: one job, each package once, the whole log."""
    runs.enrol(1, loses_after=12.0, seconds_a_package=100.0)
    run = runs.work(runs.make())
    (record,) = runs.records(run).values()
    state = runs.fleet.get(record.machine_id)
    assert run.status is RunStatus.SUCCEEDED
    assert statuses_of(record) == _ALL
    assert len(state.started_jobs) == 1
    assert sorted(name for name, _, _ in state.installations) == sorted(PACKAGES)
    assert run_folder(runs.home, run.id).read_log(record.machine_name).count(b"Setting up") == len(PACKAGES)
    assert sum("looked for again" in note for note in _notes(runs)) > 5


def test_machine_that_reboots_by_itself_is_gone_on_with(runs: FakeRuns) -> None:
    """What is left is installed by a further job; nothing is installed twice; the interruption is a finding."""
    old, new = dict.fromkeys(_MANY, "1"), dict.fromkeys(_MANY, "2")
    runs.enrol(1, reboots_itself_after=450.0, installed=old, offered=new)
    run = runs.work(runs.make())
    (record,) = runs.records(run).values()
    state = runs.fleet.get(record.machine_id)
    assert (run.status, record.attempts) == (RunStatus.SUCCEEDED, 2)
    assert state.started_jobs == state.forgotten_jobs == [f"{run.id}-install", f"{run.id}-install-2"]
    assert sorted(name for name, _, _ in state.installations) == _MANY
    assert [f.kind for f in record.findings] == [FindingKind.JOB_INTERRUPTED]
    assert "rebooted by itself" in record.findings[0].text
    assert run_folder(runs.home, run.id).read_log(record.machine_name).count(b"Setting up") == len(_MANY)


def test_reboot_is_proved_by_a_changed_boot(runs: FakeRuns) -> None:
    """Only where one is required; how long it took, and the boots before and after, are kept."""
    ids = runs.enrol(2)
    runs.change(ids[0], needs_reboot=True)
    run = runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(notice_minutes=2))))
    first, second = runs.records(run).values()
    assert run.status is RunStatus.SUCCEEDED
    assert (first.rebooted, second.rebooted) == (True, False)
    assert first.pulse_before is not None
    assert first.pulse_after is not None
    assert (first.pulse_before.boot_id, first.pulse_after.boot_id) == ("boot-1", "boot-2")
    assert first.reboot_seconds is not None
    assert 30 < first.reboot_seconds < 90
    assert second.reboot_seconds is None


def test_machine_that_never_returns_is_a_failure_with_what_was_last_seen(runs: FakeRuns) -> None:
    """Its updates were seen installed before the reboot, and are said to be."""
    runs.enrol(1, needs_reboot=True, never_returns=True)
    run = runs.work(runs.make())
    (record,) = runs.records(run).values()
    assert run.status is RunStatus.FAILED
    assert record.status is MachineRunStatus.FAILED
    assert "did not return from its reboot within 15 minutes; last seen: connect" in record.error
    assert statuses_of(record) == _ALL
    assert FindingKind.NEVER_RETURNED in {finding.kind for finding in record.findings}


def test_machine_that_returns_without_a_service_is_a_failure(runs: FakeRuns) -> None:
    """The unit that failed is named."""
    runs.enrol(1, needs_reboot=True, fails_unit="nginx.service")
    run = runs.work(runs.make())
    (record,) = runs.records(run).values()
    assert record.status is MachineRunStatus.FAILED
    assert "nginx.service failed and did not before" in record.error


@pytest.mark.parametrize(
    ("policy", "boots"), [(RebootPolicy.NEVER, 1), (RebootPolicy.ALWAYS, 2), (RebootPolicy.ONLY, 2)]
)
def test_reboot_policy_is_followed(runs: FakeRuns, policy: RebootPolicy, boots: int) -> None:
    """Never in spite of a need, always without one; only: nothing is installed."""
    ids = runs.enrol(1, needs_reboot=policy is RebootPolicy.NEVER)
    run = runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(policy))))
    state = runs.fleet.get(ids[0])
    assert run.status is RunStatus.SUCCEEDED
    assert state.boot == boots
    assert len(state.installations) == (0 if policy is RebootPolicy.ONLY else len(PACKAGES))


def test_reboot_at_a_time_of_day_holds_no_place(runs: FakeRuns) -> None:
    """While one machine waits for 03:00, the next is begun."""
    ids = runs.enrol(2, needs_reboot=True)
    rollout = replace(NIGHTLY.rollout, concurrency=1)
    run = runs.work(runs.make(replace(NIGHTLY, rollout=rollout, reboot=RebootRules(at="03:00"))))
    assert run.status is RunStatus.SUCCEEDED
    calls = [runs.fleet.get(machine_id).calls for machine_id in ids]
    reboots = [at for each in calls for at, call in each if call == "reboot"]
    assert min(reboots) >= 3600
    assert max(at for each in calls for at, call in each if call.startswith("start")) < 1800


def test_notice_is_given_before_the_time_of_day(runs: FakeRuns) -> None:
    """At 03:00 machines go down; who is logged in there was told ten minutes before."""
    (machine_id,) = runs.enrol(1, needs_reboot=True)
    runs.work(runs.make(replace(NIGHTLY, reboot=RebootRules(at="03:00", notice_minutes=10))))
    (ordered_at,) = [at for at, call in runs.fleet.get(machine_id).calls if call == "reboot"]
    assert 3000 <= ordered_at < 3060
    assert "It waits to be rebooted at 2026-11-20 03:00Z." in [
        e.text for e in runs.events if isinstance(e, MachineNote)
    ]


def test_slow_packages_and_a_short_window(runs: FakeRuns) -> None:
    """What did not start in time says so; what ran when the time was over ended, and succeeded."""
    old, new = dict.fromkeys(_MANY, "1"), dict.fromkeys(_MANY, "2")
    runs.enrol(1, needs_reboot=True, seconds_a_package=20.0, installed=old, offered=new)
    run = runs.work(runs.make(replace(NIGHTLY, window=Window(minutes=30, stop_starting_minutes=15))))
    (record,) = runs.records(run).values()
    done = [outcome.status for outcome in record.outcomes]
    assert record.status is MachineRunStatus.WINDOW_EXCEEDED
    assert done.count(InstallationStatus.SUCCEEDED) == len(runs.fleet.get(record.machine_id).installations) == 60
    assert done.count(InstallationStatus.WINDOW_EXCEEDED) == 30
    assert runs.rows(MACHINE_RUN)["Status"].to_list() == ["MaintenanceWindowExceeded"]
    assert record.error.endswith(
        "30 of 90 updates not started; A reboot is wanted, and the window leaves no time for it."
    )


def test_machines_that_the_window_left_no_time_for_say_so(runs: FakeRuns) -> None:
    """One after the other: the last of them are not begun."""
    runs.enrol(4, seconds_a_package=150.0)
    rollout = replace(NIGHTLY.rollout, concurrency=1)
    run = runs.work(runs.make(replace(NIGHTLY, rollout=rollout, window=Window(minutes=25, reboot_minutes=5))))
    first, second, *others = runs.records(run).values()
    assert [first.status, second.status] == [MachineRunStatus.SUCCEEDED] * 2
    for record in others:
        assert record.status is MachineRunStatus.WINDOW_EXCEEDED
        assert set(statuses_of(record).values()) == {InstallationStatus.WINDOW_EXCEEDED}


def test_bad_package_sinks_only_itself(runs: FakeRuns) -> None:
    """The others succeeded on retry; the log's line is in its outcome."""
    runs.enrol(1, failing=["openssl"])
    run = runs.work(runs.make())
    (record,) = runs.records(run).values()
    assert record.status is MachineRunStatus.FAILED
    assert statuses_of(record) == {**_ALL, "openssl": InstallationStatus.INSTALL_FAILED}
    bad = next(outcome for outcome in record.outcomes if outcome.name == "openssl")
    assert "error processing package openssl" in bad.log_excerpt
    assert all(outcome.succeeded_on_retry for outcome in record.outcomes if outcome.name != "openssl")


def test_connection_lost_once_while_planning_costs_no_machine_its_night(runs: FakeRuns) -> None:
    """A machine that does not answer when the plan is made is asked again a little later."""
    (machine_id,) = runs.enrol(1)
    runs.change(machine_id, is_off=True)

    async def answer_soon(runs: FakeRuns, _run: Run) -> None:
        await asyncio.sleep(2)
        runs.change(machine_id, is_off=False)

    run = runs.work(runs.make(), beside=answer_soon)

    assert run.status is RunStatus.SUCCEEDED


def test_machine_that_is_off_is_unreachable(runs: FakeRuns) -> None:
    """It costs the others nothing, and says what was tried."""
    ids = runs.enrol(3)
    runs.change(ids[1], is_off=True)
    run = runs.work(runs.make())
    assert [record.status for record in runs.records(run).values()] == [
        MachineRunStatus.SUCCEEDED,
        MachineRunStatus.UNREACHABLE,
        MachineRunStatus.SUCCEEDED,
    ]
    assert run.note == "2 of 3 machines succeeded, 1 unreachable"
    assert "nothing came back" in runs.records(run)[ids[1]].error


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_that_jumps_by_an_hour_moves_no_window(runs: FakeRuns, hours: int) -> None:
    """The console's clock is set while the run goes on: it is as if nobody had touched it."""
    runs.enrol(2, seconds_a_package=100.0)

    def jumping() -> datetime:
        return runs.clock() + (timedelta(hours=hours) if runs.now() > 20 else timedelta())

    run = runs.work(runs.make(replace(NIGHTLY, window=Window(minutes=30)), opens_in=120), clock=jumping)
    assert run.status is RunStatus.SUCCEEDED
    assert run.started_at is not None
    assert run.ended_at is not None
    assert timedelta() <= run.started_at - run.opens_at < timedelta(seconds=1)
    assert timedelta(minutes=5) < run.ended_at - run.opens_at < timedelta(minutes=15)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("log", "Its log cannot be written"),
        ("state", "The run waits, nothing new"),
        ("both", "Its log cannot be written"),
    ],
)
def test_full_disk_of_the_console_is_waited_for(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch, what: str, said: str
) -> None:
    """For twenty minutes nothing can be written: machines go on by themselves, then all is as without it. (A disk
    cannot be filled in a test without mounting one: the writes fail as they do there.)
    """
    runs.enrol(2, seconds_a_package=60.0)
    put_log, commit, full = RunFolder.put_log, Ledger._commit, {"now": False}

    def full_log(self: RunFolder, *args: Any) -> None:
        if full["now"] and what != "state":
            raise OSError(errno.ENOSPC, "No space left on device")
        put_log(self, *args)

    def full_commit(self: Ledger, *args: Any) -> Exception | None:
        is_full = full["now"] and what != "log"
        return OSError(errno.ENOSPC, "No space left on device") if is_full else commit(self, *args)

    async def fill(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        full["now"] = True
        await asyncio.sleep(1200)
        full["now"] = False

    monkeypatch.setattr(RunFolder, "put_log", full_log)
    monkeypatch.setattr(Ledger, "_commit", full_commit)
    run = runs.work(runs.make(), beside=fill)
    assert run.status is RunStatus.SUCCEEDED
    assert runs.now() > 1260
    for record in runs.records(run).values():
        assert len(runs.fleet.get(record.machine_id).installations) == len(PACKAGES)
        assert run_folder(runs.home, run.id).read_log(record.machine_name).count(b"Setting up") == len(PACKAGES)
    assert any(said in note for note in _notes(runs))


def test_service_that_stops_leaves_the_run_to_the_next(runs: FakeRuns) -> None:
    """Told to stop during an installation it returns at once; the next process finds the job where it is."""
    runs.enrol(2, seconds_a_package=100.0)
    run = runs.make()

    async def stop(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(60)
        runs.stop.set()

    assert runs.work(run, beside=stop).status is RunStatus.IN_PROGRESS
    assert runs.offset < 70
    runs.offset += 3600
    done = runs.work(run)
    assert done.status is RunStatus.SUCCEEDED
    for record in runs.records(run).values():
        state = runs.fleet.get(record.machine_id)
        assert len(state.started_jobs) == 1
        assert len(state.installations) == len(PACKAGES)
        assert statuses_of(record) == _ALL


def test_plan_that_drifted_is_refused_in_words(runs: FakeRuns) -> None:
    """What was previewed is required; a new version since then stops the run before anything is touched."""
    ids = runs.enrol(2)
    plan = run_virtual(
        preview(runs.home, NIGHTLY, PreviewOptions(runs.fleet.make_worker, runs.clock), lambda event: None)
    )
    assert runs.work(runs.make(required_plan=plan.hash)).status is RunStatus.SUCCEEDED

    for machine_id in ids:
        runs.change(machine_id, installed=dict.fromkeys(PACKAGES, "1"), installations=[], started_jobs=[])
    runs.change(ids[1], offered={**dict.fromkeys(PACKAGES, "2"), "curl": "3"})
    run = runs.work(runs.make(required_plan=plan.hash))
    assert run.status is RunStatus.FAILED
    assert "the plan is not the required one" in run.note
    assert "m-002" in run.note
    assert "curl" in run.note
    assert not any(runs.fleet.get(machine_id).started_jobs for machine_id in ids)
    assert runs.work(run).note == run.note


def test_run_that_nobody_began_in_its_window_fails(runs: FakeRuns) -> None:
    """The service was down for a day: nothing is done, and that is said."""
    runs.enrol(1)
    run = runs.make()
    runs.offset += 86_400
    done = runs.work(run)
    assert done.status is RunStatus.FAILED
    assert "the window was over before the run could begin" in done.note


def test_version_that_is_not_offered_any_more_is_not_replaced_by_an_older_one(runs: FakeRuns) -> None:
    """Between plan and turn the mirror moved back: what the plan does not name is not installed."""
    ids = runs.enrol(1, installed=dict.fromkeys(PACKAGES, "0"))
    deployment = replace(NIGHTLY, predownload_minutes=30)

    async def move(runs: FakeRuns, run: Run) -> None:
        await asyncio.sleep(900)
        runs.change(ids[0], offered={**dict.fromkeys(PACKAGES, "2"), "curl": "1"})

    run = runs.work(runs.make(deployment, opens_in=1800), beside=move)
    (record,) = runs.records(run).values()
    curl = next(outcome for outcome in record.outcomes if outcome.name == "curl")
    assert curl.status is InstallationStatus.NOT_STARTED
    assert curl.error == "the machine is offered 1 now, the plan names 2"
    assert "curl" not in {name for name, _, _ in runs.fleet.get(ids[0]).installations}
    with closing(connect(runs.home.state_file)) as connection:
        assert RunBook(connection).plan_of(run.id) is not None
