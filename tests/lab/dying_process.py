"""Processes that work on runs of machines of the lab, for tests that kill them.

It reads lines from standard input, HOME RUN KNOWN, and for each forks a process of its own (which saves the second that
imports take), prints its id, and then how it ended. That process kills itself with SIGKILL as soon as the journal of
the run says something of a kind that it had not said before: KNOWN is how many it may say. Negative: never.
"""

import asyncio
import os
import signal
import sys
from contextlib import closing
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from ops.assess import FleetOptions
from ops.deployments.engine import RunEngine
from ops.deployments.reaching import reached_machines
from ops.home import Home, open_home
from ops.state import connect
from tests.lab.shared_network import looking_past_labs

# Machine, step, phase, and what a note is of.
_KINDS = """
SELECT count(DISTINCT machine_id || '/' || step || '/' || phase || substr(detail, 1, 6)) FROM journal WHERE run_id = ?
"""


def count_kinds(home: Home, run_id: str) -> int:
    """How many kinds of lines the journal of the run has."""
    with closing(connect(home.state_file)) as connection:
        (count,) = connection.execute(_KINDS, (run_id,)).fetchone()
    return int(count)


async def _work(home: Home, run_id: str, known: int) -> None:
    def die_of_news(_step: str) -> None:
        if 0 <= known < count_kinds(home, run_id):
            os.kill(os.getpid(), signal.SIGKILL)

    async with reached_machines(home, FleetOptions(deadline_seconds=60.0), run_id) as make_worker:
        await RunEngine(home, run_id, make_worker, on_step=die_of_news).run()


def main() -> None:
    """See the module."""
    for name in ("ops.store.commits", "ops.deployments.stored_assessments", "collectors.transports.ssh", "asyncssh"):
        import_module(name)
    for line in sys.stdin:
        path, run_id, known = line.split()
        child = os.fork()
        if child == 0:
            with looking_past_labs():
                asyncio.run(_work(open_home(Path(path)), run_id, int(known)))
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
