"""Rounds survive kill -9: at whichever write, the run comes to the same end with one installation of each update."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.deployments.runs import InstallationStatus, MachineRunStatus, Run
from tests.ops.deployments.fake_runs import FakeRuns, statuses_of
from tests.ops.deployments.test_engine_rounds import CHAIN, enrol_windows

_PROGRAM = Path(__file__).with_name("running_process.py")
_KILLED = -signal.SIGKILL
_SHARES = 48
_EACH_TIME = (5,)
_AGAIN = 11


def _work(runs: FakeRuns, run: Run, *die_at: int) -> list[int]:
    """Processes that work on the run one after the other, killed at these writes; how each ended."""
    told = "".join(f"{runs.path} {run.id} {each}\n" for each in die_at)
    done = subprocess.run(
        [sys.executable, str(_PROGRAM)], input=told, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return [int(line) for line in done.stdout.split()]


@pytest.mark.parametrize(
    "first", [pytest.param(n, marks=[] if n in _EACH_TIME else pytest.mark.soak) for n in range(_SHARES)]
)
def test_kill_in_any_round_ends_with_one_installation_each(tmp_path: Path, first: int) -> None:
    """Also while the machine is restarted before the first round, and killed again when it is taken up."""
    die_at, code = first, _KILLED
    while code == _KILLED:
        (tmp_path / str(die_at)).mkdir()
        runs = FakeRuns(tmp_path / str(die_at))
        machine_id = enrol_windows(runs, CHAIN, has_old_pending=True)
        run = runs.make()
        code, _, last = _work(runs, run, die_at, die_at % _AGAIN, -1)
        assert last == 0
        record, state, said = runs.records(run)[machine_id], runs.fleet.get(machine_id), f"killed at {die_at}"
        assert record.status is MachineRunStatus.SUCCEEDED, said
        assert statuses_of(record) == dict.fromkeys(CHAIN, InstallationStatus.SUCCEEDED), said
        assert sorted(name for name, _, _ in state.installations) == sorted(CHAIN), said
        assert (state.boot, record.reboots, record.rounds) == (4, 3, 3), said
        assert len(state.started_jobs) == len(set(state.started_jobs)) == 3, said
        assert state.jobs == {}, said
        die_at += _SHARES
    assert die_at > _SHARES
