"""A run survives kill -9 at any write: resumed by another process it ends with one installation and a true history."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run, RunStatus, RunStep
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.tables import ASSESSMENT, DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS
from ops.deployments.folder import run_folder
from ops.state import connect
from ops.state.runs import JournalPhase, RunBook
from tests.ops.deployments.fake_runs import NIGHTLY, PACKAGES, FakeRuns, statuses_of

_PROGRAM = Path(__file__).with_name("running_process.py")
_KILLED = -signal.SIGKILL
_TIMED_OUT = -signal.SIGPROF
_MACHINES = 2
_SHARES = 36
_EACH_TIME = (0,)
_KILLED_AGAIN = 13
# A few more, but some are made together when machines are at the same step.
_FEWEST_WRITES = 100


def _prepare(folder: Path) -> tuple[FakeRuns, Run]:
    """Two machines in two waves with a gate, that need a reboot; scripts on the console and on each machine."""
    folder.mkdir()
    script = folder / "script.sh"
    script.write_text(f'#!/bin/sh\necho "$PATCHDECK_ATTEMPT" >> {folder}/ran\n')
    script.chmod(0o700)
    scripts = [Script(stage, place, str(script)) for stage in ScriptStage for place in ScriptPlace]
    waves = (WaveRule(WaveKind.COUNT, amount=1),)
    rollout = Rollout(waves, HealthGate(success_percent=100, check_units=True, soak_minutes=1))
    deployment = replace(
        NIGHTLY,
        scripts=tuple(scripts),
        rollout=rollout,
        reboot=RebootRules(RebootPolicy.IF_REQUIRED),
        predownload_minutes=1,
    )
    runs = FakeRuns(folder)
    runs.enrol(_MACHINES, needs_reboot=True)
    return runs, runs.make(deployment, opens_in=90)


@pytest.fixture(scope="module")
def nursery() -> Iterator["subprocess.Popen[str]"]:
    """Has processes that work on runs; see the program."""
    process = subprocess.Popen(
        [sys.executable, str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    _, errors = process.communicate(timeout=60)
    assert errors == ""


def _work(nursery: "subprocess.Popen[str]", runs: FakeRuns, run: Run, die_at: int | str) -> int:
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(f"{runs.path} {run.id} {die_at}\n")
    nursery.stdin.flush()
    return int(nursery.stdout.readline())


def _check_history(runs: FakeRuns, run: Run, said: str) -> None:
    run = runs.find_id(run.id)
    assert (run.status, run.note) == (RunStatus.SUCCEEDED, "2 of 2 machines succeeded"), said
    for machine_id, record in runs.records(run).items():
        state = runs.fleet.get(machine_id)
        assert record.status is MachineRunStatus.SUCCEEDED
        assert statuses_of(record) == dict.fromkeys(PACKAGES, InstallationStatus.SUCCEEDED)
        assert sorted(name for name, _, _ in state.installations) == sorted(PACKAGES), said
        assert state.started_jobs.count(f"{run.id}-install") == 1, said
        assert len(state.started_jobs) == len(set(state.started_jobs)), said
        assert state.boot == 2
        assert record.rebooted
        assert state.jobs == {}
        log = run_folder(runs.home, run.id).read_log(record.machine_name)
        # Downloading says so too, unless the window opened before all of it was fetched.
        assert log.count(b"Setting up") in {len(PACKAGES), 2 * len(PACKAGES)}, said
    for table, rows in (
        (DEPLOYMENT_RUN, 1),
        (MACHINE_RUN, _MACHINES),
        (UPDATE_RUN_PROGRESS, _MACHINES * len(PACKAGES)),
    ):
        stored = runs.rows(table)
        steps = 3 if table is UPDATE_RUN_PROGRESS else 1  # NotStarted, InProgress, Succeeded
        assert len(stored) == steps * rows, f"{table.name}, {said}"
    assessments = runs.rows(ASSESSMENT)
    assert assessments.select("SourceComputerId", "TimeGenerated").is_unique().all(), said
    _check_journal(runs, run, said)


def _check_journal(runs: FakeRuns, run: Run, said: str) -> None:
    connection = connect(runs.home.state_file)
    try:
        journal = RunBook(connection).journal(run.id)
        claims = connection.execute("SELECT * FROM machine_claims").fetchall()
    finally:
        connection.close()
    assert claims == []
    for machine_id in ("id-001", "id-002"):
        ended = [e.step for e in journal if e.machine_id == machine_id and e.phase is JournalPhase.END]
        for step in (RunStep.INSTALL, RunStep.REBOOT, RunStep.RETURN):
            assert ended.count(step) == 1, f"{step}, {said}"


@pytest.mark.parametrize(
    "first", [pytest.param(n, marks=[] if n in _EACH_TIME else pytest.mark.soak) for n in range(_SHARES)]
)
def test_kill_at_any_write_ends_with_one_installation(
    tmp_path: Path, nursery: "subprocess.Popen[str]", first: int
) -> None:
    """Killed at each write in turn, and killed again when it is taken up, the run comes to the same end. The writes are
    shared among tests that can go on beside each other; `make test` has one share, `make soak` the others.
    """
    die_at, code = first, _KILLED
    while code == _KILLED:
        runs, run = _prepare(tmp_path / f"killed-{die_at}")
        code = _work(nursery, runs, run, die_at)
        if code == _KILLED:
            _work(nursery, runs, run, die_at % _KILLED_AGAIN)  # so is the one that takes it up, unless it is done
            assert _work(nursery, runs, run, -1) == 0
        _check_history(runs, run, f"killed at write {die_at}")
        die_at += _SHARES
    assert die_at > _FEWEST_WRITES


@pytest.mark.soak
@pytest.mark.parametrize("first", [0.05, 0.11])
def test_kill_at_any_moment_ends_with_one_installation(
    tmp_path: Path, nursery: "subprocess.Popen[str]", first: float
) -> None:
    """One process after the other is killed in the middle of whatever it was doing, a little later each time."""
    runs, run = _prepare(tmp_path / "killed")
    seconds, deaths = first, 0
    while _work(nursery, runs, run, f"{seconds:.3f}s") == _TIMED_OUT:
        seconds, deaths = seconds + 0.07, deaths + 1
    _check_history(runs, run, f"killed {deaths} times")
    assert deaths > 0
