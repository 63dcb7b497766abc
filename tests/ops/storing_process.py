"""A process of its own that stores scans of all machines of a home, for tests that kill it or run several of it.

    storing_process.py HOME NAME FIRST COUNT [DIE_AT]

It stores the batches NAME-FIRST up to NAME-(COUNT - 1), prints a line once one is accepted, and kills itself with
SIGKILL when it has done its DIE_AT-th step, counted from 0. Without COUNT (0) it stores only what is in the journal.
"""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.updates import Classification, Update
from ops.home import open_home
from ops.state import MachineBook, connect
from ops.store import Batch, TableStore

_START = datetime(2026, 11, 20, 23, 58, tzinfo=UTC)
_PACKAGES = ("curl", "openssl", "zlib")


def make_batch(name: str, number: int, machines: list[Machine]) -> Batch:
    """Scans a minute apart in which versions are offered, installed and withdrawn; the last machine fails."""
    ended_at = _START + timedelta(minutes=number, seconds=sum(name.encode()) % 50)
    assessments = [_assess(machine, number, ended_at) for machine in machines[:-1]]
    failure = Failure(FailureKind.CONNECTION_REFUSED, "connect", "refused.", "Start sshd.")
    last = machines[-1]
    assessments.append(Assessment(last.id, last.name, ended_at, ended_at, Coverage.UNKNOWN, failure=failure))
    return Batch(f"{name}-{number}", tuple(assessments))


def _assess(machine: Machine, number: int, ended_at: datetime) -> Assessment:
    installed = {package: str(number // (index + 2)) for index, package in enumerate(_PACKAGES)}
    offered = [package for index, package in enumerate(_PACKAGES) if (number + index) % 3]
    updates = tuple(
        Update(package, "amd64", installed[package], str(number + 9), Classification.SECURITY, "origin", "Debian:12")
        for package in offered
    )
    packages = {(package, "amd64"): version for package, version in installed.items()}
    started_at = ended_at - timedelta(seconds=2)
    return Assessment(
        machine.id, machine.name, started_at, ended_at, Coverage.COMPLETE, updates=updates, installed=packages
    )


class _Dying:
    """Kills this process at its n-th step."""

    def __init__(self, die_at: int) -> None:
        self._left = die_at

    def __call__(self, step: str) -> None:
        if step == "accepted":
            sys.stdout.write(f"{step}\n")
            sys.stdout.flush()
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def main(path: str, name: str, first: str, count: str, die_at: str = "-1") -> None:
    """See the module."""
    home = open_home(Path(path))
    store = TableStore(home, on_step=_Dying(int(die_at)))
    if count == "0":
        store.replay()
        return
    connection = connect(home.state_file)
    machines = MachineBook(connection).list_machines()
    connection.close()
    for number in range(int(first), int(count)):
        store.commit_batch(make_batch(name, number, machines))


if __name__ == "__main__":
    main(*sys.argv[1:])
