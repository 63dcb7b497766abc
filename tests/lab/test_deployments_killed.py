"""Processes that work on a run are killed with SIGKILL; whoever goes on installs nothing twice, and tells what was."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import InstallationStatus, Run, RunStatus, RunStep
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS
from ops.state.runs import JournalPhase
from ops.store.delta import StoredTable
from tests.lab.dying_process import count_kinds
from tests.lab.real_runs import EVERYTHING, RealRuns

NIGHT = Deployment("night", ("all",), EVERYTHING)
_PROGRAM = Path(__file__).with_name("dying_process.py")
_KILLED = -signal.SIGKILL
_NEVER = -1
_WAITING = "pgrep -f acme-wait[s].postinst"


@dataclass(frozen=True, slots=True)
class Nursery:
    """Has processes that work on runs, one at a time; see the program."""

    process: "subprocess.Popen[str]"

    def begin(self, runs: RealRuns, run: Run, known: int) -> int:
        """Starts one; its id."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{runs.home.path} {run.id} {known}\n")
        self.process.stdin.flush()
        return self._number()

    def end(self) -> int:
        """Waits until it has ended; how."""
        return self._number()

    def _number(self) -> int:
        assert self.process.stdout is not None
        return int(self.process.stdout.readline())


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """The program, running."""
    process = subprocess.Popen(
        [sys.executable, str(_PROGRAM)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield Nursery(process)
    _, errors = process.communicate(timeout=60)
    assert errors == ""


def test_killed_at_every_line_of_the_journal(runs: RealRuns, nursery: Nursery) -> None:
    """No process writes more than one new line; together they install once, reboot once, and leave a true history."""
    runs.enrol("run-restart")
    run = runs.make(NIGHT)
    kills, code = 0, _KILLED

    while code == _KILLED:
        nursery.begin(runs, run, count_kinds(runs.home, run.id))
        code = nursery.end()
        kills += code == _KILLED

    assert code == 0
    assert kills >= 20
    _check_history(runs, run)


@pytest.mark.soak
def test_killed_once_at_each_line_of_the_journal(
    runs: RealRuns, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A run for each line: the first process dies there, the second brings it to its end."""
    known, code = 0, _KILLED
    while code == _KILLED:
        each = RealRuns(runs.lab, tmp_path_factory.mktemp(f"killed-{known}"))
        each.enrol("run-restart")
        run = each.make(NIGHT)
        nursery.begin(each, run, known)
        code = nursery.end()
        if code == _KILLED:
            nursery.begin(each, run, _NEVER)
            assert nursery.end() == 0
        _check_history(each, run)
        known += 1
    assert known > 20


def _check_history(runs: RealRuns, run: Run) -> None:
    outcome = runs.outcome(run)
    record = outcome.machines["run-restart"]
    assert (outcome.run.status, outcome.run.note) == (RunStatus.SUCCEEDED, "1 of 1 machine succeeded"), (
        outcome.describe()
    )
    assert [runs.upgrades("run-restart", name) for name in ("acme-lib", "acme-wants-reboot")] == [1, 1]
    assert set(outcome.statuses("run-restart").values()) == {InstallationStatus.SUCCEEDED}
    assert record.rebooted
    assert record.attempts == 1
    assert len(runs.shell("run-restart", "cat /var/log/shutdown.asked").splitlines()) == 1
    ended = [e.step for e in outcome.journal if e.machine_id and e.phase is JournalPhase.END]
    assert [ended.count(step) for step in (RunStep.INSTALL, RunStep.REBOOT, RunStep.RETURN)] == [1, 1, 1]
    assert outcome.log("run-restart").count(b"Setting up acme-lib (1.0-1+deb12u1)") == 1
    progress = StoredTable(runs.home.tables_dir, UPDATE_RUN_PROGRESS).read()
    assert progress.filter(InstallationStatus="Succeeded").height == len(record.outcomes)
    for table in (DEPLOYMENT_RUN, MACHINE_RUN):
        assert StoredTable(runs.home.tables_dir, table).read().height == 1


def test_killed_while_the_package_manager_works(runs: RealRuns, nursery: Nursery) -> None:
    """Three processes die while dpkg waits for a script; the fourth finds the job where it is."""
    runs.enrol("run-waits")
    run = runs.make(NIGHT)
    for _ in range(3):
        process = nursery.begin(runs, run, _NEVER)
        runs.wait_for("run-waits", _WAITING)
        runs.wait_for("run-waits", "pgrep -f '^sshd: patcher'")
        os.kill(process, signal.SIGKILL)
        assert nursery.end() == _KILLED

    nursery.begin(runs, run, _NEVER)
    runs.shell("run-waits", "touch /run/go-on")
    assert nursery.end() == 0

    outcome = runs.outcome(run)
    assert outcome.run.status is RunStatus.SUCCEEDED, outcome.describe()
    assert runs.upgrades("run-waits", "acme-waits") == 1
    assert outcome.machines["run-waits"].attempts == 1
    assert outcome.log("run-waits").count(b"Setting up acme-waits (1.1-1)") == 1
