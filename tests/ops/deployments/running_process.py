"""Processes that work on runs of fake machines, for tests that kill them.

It reads lines from standard input, FOLDER RUN DIE_AT, and for each forks a process of its own (which saves the second
that imports take) and prints how that ended. FOLDER is that of a `FakeRuns`. A process goes on half a minute after the
last that any process asked a machine, and kills itself with SIGKILL at its DIE_AT-th write of the state or the tables,
counted from 0 (never where that is negative), or is killed once it has computed for so many seconds (``0.35s``).
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.ops.deployments.fake_runs import FakeRuns

_HALF_A_MINUTE = 30.0


class _Dying:
    """Kills this process at its n-th step."""

    def __init__(self, die_at: int) -> None:
        self._left = die_at

    def __call__(self, step: str) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def _die_after(seconds: float) -> None:
    """By the kernel, which gives no process a say either: SIGPROF is not caught. Of a processor's time, since a busy
    machine would otherwise kill all of them at their start.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)


def work(folder: str, run_id: str, die_at: str) -> None:
    """Work on the run."""
    runs = FakeRuns(Path(folder))
    latest = runs.fleet.read_time()
    runs.offset = latest + _HALF_A_MINUTE if latest else 0.0
    if die_at.endswith("s"):
        _die_after(float(die_at[:-1]))
        die_at = "-1"
    runs.work(runs.find_id(run_id), on_step=_Dying(int(die_at)))


def main() -> None:
    """See the module."""
    import_module("ops.store.commits")
    import_module("ops.deployments.stored_assessments")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(*line.split())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
