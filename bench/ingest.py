"""How long it takes to store what a scan of many machines gave: seconds for a first scan and for a second one.

    python bench/ingest.py MACHINES UPDATES PACKAGES

As at the end of a scan: Patchdeck is loaded, the machines have answered. The machines are of four kinds.
"""

import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Classification, Update
from ops.assess_commit import load_store, store_batch
from ops.assess_limits import collect_seldom
from ops.home import open_home
from ops.state.database import opened
from ops.state.machines import MachineBook

_KINDS = 4


def time_ingest(machine_count: int, updates: int, packages: int) -> tuple[float, float]:
    """Seconds for the first scan of a home, and for one an hour later in which one update more is offered."""
    with tempfile.TemporaryDirectory(prefix="patchdeck-ingest-") as folder:
        home = open_home(Path(folder) / "home")
        machines = [_machine(number) for number in range(machine_count)]
        with opened(home.state_file) as connection:
            book = MachineBook(connection)
            for machine in machines:
                book.add(machine)
        load_store()
        collect_seldom()
        first = _scan(machines, updates, packages, datetime.now(UTC))
        second = _scan(machines, updates + 1, packages, datetime.now(UTC) + timedelta(hours=1))
        seconds = []
        for number, assessments in enumerate((first, second)):
            began = time.monotonic()
            store_batch(home, f"20261122T12000{number}Z-bench", assessments)
            seconds.append(time.monotonic() - began)
    return seconds[0], seconds[1]


def _machine(number: int) -> Machine:
    machine_id = f"00000000-0000-4000-8000-{number:012}"
    return Machine(machine_id, f"m{number:04}", TransportKind.SSH, datetime.now(UTC), address=f"m{number}.example")


def _scan(machines: list[Machine], updates: int, packages: int, at: datetime) -> list[Assessment]:
    kinds = [
        Assessment(
            machine_id="",
            machine_name="",
            started_at=at - timedelta(seconds=3),
            ended_at=at,
            coverage=Coverage.COMPLETE,
            facts=MachineFacts(os_type=OSType.LINUX, os_name="Debian", os_version="12", kernel="6.1.0-32-amd64"),
            updates=tuple(_update(kind, number) for number in range(updates)),
            installed={(f"package-{number}", "amd64"): f"1.{kind}-{number}" for number in range(packages)},
        )
        for kind in range(_KINDS)
    ]
    return [
        replace(
            kinds[number % _KINDS],
            machine_id=machine.id,
            machine_name=machine.name,
            facts=replace(kinds[0].facts, machine_id=f"{number:032x}", host_name=machine.name),
        )
        for number, machine in enumerate(machines)
    ]


def _update(kind: int, number: int) -> Update:
    return Update(
        f"package-{number}", "amd64", f"1.{kind}-{number}", f"2.{kind}-{number}", Classification.SECURITY,
        "origin Debian-Security:12/oldstable-security", "Debian-Security:12/oldstable-security", size_bytes=number,
    )  # fmt: skip


if __name__ == "__main__":
    first_seconds, second_seconds = time_ingest(*map(int, sys.argv[1:4]))
    print(f"{first_seconds:.2f} {second_seconds:.2f}")
