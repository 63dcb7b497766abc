"""A home of ten thousand machines that miss three hundred thousand updates, for measuring the screens.

    python bench/tui_fleet.py FOLDER [--machines 10000] [--updates 30]

Two thousand updates in all, each machine misses some of them: as many rows in the list as a large fleet has.
"""

import argparse
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, Update
from ops.assess_commit import load_store, store_batch
from ops.home import Home, open_home
from ops.state.database import opened, transaction
from ops.state.machines import MachineBook

AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_KINDS, _COMMON = 2_000, 60
_AT_ONCE = 1_000
_SITES = ("fra", "ams", "lon", "nyc", "sin")
_ROLES = ("web", "db", "cache", "mail", "build")
_CLASSES = (Classification.SECURITY, Classification.OTHERS, Classification.OTHERS, Classification.CRITICAL)


def make_fleet(home: Home, machine_count: int, updates_each: int) -> None:
    """Enrols the machines and stores what one assessment of each gave."""
    machines = [_machine(number) for number in range(machine_count)]
    with opened(home.state_file) as connection, transaction(connection):
        book = MachineBook(connection)
        for machine in machines:
            book.add(machine)
    load_store()
    kinds = [_update(number) for number in range(_KINDS)]
    for number, some in enumerate(_in_parts(_assessments(machines, kinds, updates_each))):
        store_batch(home, f"20261120T1200{number:02}Z-bench", some)


def _in_parts(assessments: Iterator[Assessment]) -> Iterator[list[Assessment]]:
    part: list[Assessment] = []
    for each in assessments:
        part.append(each)
        if len(part) == _AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _assessments(machines: list[Machine], kinds: list[Update], updates_each: int) -> Iterator[Assessment]:
    for number, machine in enumerate(machines):
        yield _assessment(machine, number, kinds, updates_each)


def _machine(number: int) -> Machine:
    role, site = _ROLES[number % len(_ROLES)], _SITES[number // 5 % len(_SITES)]
    return Machine(
        f"00000000-0000-4000-8000-{number:012}",
        f"{role}-{site}-{number:05}",
        TransportKind.SSH,
        AT - timedelta(days=30),
        address=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
        user="admin",
        tags={"env": "prod" if number % 3 else "test", "role": role, "site": site},
    )


def _assessment(machine: Machine, number: int, kinds: list[Update], updates_each: int) -> Assessment:
    at = AT - timedelta(minutes=number % 700)
    if number % 97 == 5:
        failure = Failure(FailureKind.CONNECTION_REFUSED, f"connecting to {machine.address} port 22", "refused.", "")
        return Assessment(machine.id, machine.name, at, at, Coverage.UNKNOWN, failure=failure)
    facts = MachineFacts(
        machine_id=f"{number:032x}",
        host_name=machine.name,
        os_type=OSType.LINUX,
        os_id="debian",
        os_name="Debian",
        os_version="12",
        os_full_name="Debian GNU/Linux 12 (bookworm)",
        kernel="6.1.0-40-amd64",
        architecture="amd64",
        booted_at=AT - timedelta(days=41),
        package_manager="apt",
        metadata_at=AT - timedelta(hours=5),
        reboot_required=(Answer.NO, Answer.NO, Answer.YES)[number % 3],
        disks=(DiskSpace("/", 12 * 2**30, 40 * 2**30),),
        ip_addresses=(machine.address or "",),
    )
    # A third of those that most machines miss, and others that few do.
    common = {(number * 7 + each) % _COMMON for each in range(updates_each // 3)}
    rare = {_COMMON + (number * 13 + each * 17) % (_KINDS - _COMMON) for each in range(updates_each - len(common))}
    updates = tuple(kinds[each] for each in sorted(common | rare))
    return Assessment(machine.id, machine.name, at - timedelta(seconds=2), at, Coverage.COMPLETE, facts, updates)


def _update(number: int) -> Update:
    is_held = number % 11 == 3
    return Update(
        name=f"package-{number:04}",
        architecture="amd64",
        installed_version=f"3.0.{number}-1~deb12u1",
        offered_version=f"3.0.{number + 2}-1~deb12u2",
        classification=_CLASSES[number % len(_CLASSES)],
        classification_source="origin Debian-Security",
        repository="Debian-Security:12/oldstable-security" if number % 2 == 0 else "Debian:12.13/oldstable",
        blocker=Blocker.HELD if is_held else None,
        blocker_detail="apt-mark showhold lists it" if is_held else "",
        size_bytes=1_400_000 + number * 1000,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machines", type=int, default=10_000)
    parser.add_argument("--updates", type=int, default=30)
    options = parser.parse_args()
    make_fleet(open_home(options.folder), options.machines, options.updates)
