"""A thousand groups over ten thousand machines: listed, previewed, used as the scope, and defined.

    python bench/groups.py [--write]

Beside what a question takes stands what every way to answer it takes: reading the machines and groups from state.db.
The groups are a third each of tags, names and facts, some of them of other groups, no two alike.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts
from fleet.groups.group import Group
from fleet.machines import Machine, OSType, TransportKind
from ops.groups import open_roster, users_of
from ops.home import Home, open_home
from ops.scope import ScopeGuard
from ops.scoping import add_to_scope
from ops.state.database import opened, transaction
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook

_PAGE = Path(__file__).parents[1] / "docs/performance.md"
_BEGIN, _END = "<!-- bench/groups.py writes from here -->", "<!-- to here, groups -->"
_MACHINES, _GROUPS, _ROUNDS = 10_000, 1_000, 3
_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_SYSTEMS = (("debian", "12"), ("debian", "13"), ("rhel", "9.4"), ("rhel", "9.10"), ("opensuse-leap", "15.6"))


@dataclass(frozen=True, slots=True)
class Timing:
    """What was done, and how many seconds of CPU it took at best."""

    what: str
    seconds: float


def main() -> None:
    """Make the fleet, ask, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="patchdeck-groups-") as folder:
        text = _page(_measure(open_home(Path(folder, "home"))))
    if options.write:
        before, rest = _PAGE.read_text("utf-8").split(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", "utf-8")
    else:
        print(text)


def _measure(home: Home) -> list[Timing]:
    machines = [_machine(number) for number in range(_MACHINES)]
    groups = [*_groups()]
    with opened(home.state_file) as connection, transaction(connection):
        for machine in machines:
            MachineBook(connection).add(machine)
        StatusBook(connection).record(_assessment(machine, number) for number, machine in enumerate(machines))
    defining = _time("define the groups, one after the other", lambda: _define(home, groups), rounds=1)
    add_to_scope(home, [group.name for group in groups[:: _GROUPS // 10]])
    guard = ScopeGuard(home)
    guard.sift(machines)
    timings = [
        _time("read machines and groups", lambda: _read(home)),
        _time("count the members of every group", lambda: _count(home)),
        _time("say of every member of the largest why", lambda: _explain(home)),
        _time("find what refers to each group", lambda: users_of(home, [group.name for group in groups])),
        _time("ask the scope of ten groups anew", lambda: _ask_anew(home, machines[0])),
        _time("ask the scope of every machine", lambda: guard.sift(machines)),
        defining,
    ]
    guard.close()
    return timings


def _page(timings: list[Timing]) -> str:
    least = timings[0].seconds
    rows = [f"| {each.what} | {each.seconds:.2f} | {each.seconds / least:.2f} |" for each in timings]
    head = f"{_MACHINES:,} machines, {_GROUPS:,} groups, {datetime.now(UTC):%Y-%m-%d}; the best of {_ROUNDS} rounds."
    return "\n".join((head, "", "| what | CPU s | to reading alone |", "| --- | ---: | ---: |", *rows))


def _time(what: str, work: Callable[[], object], rounds: int = _ROUNDS) -> Timing:
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return Timing(what, min(taken))


def _read(home: Home) -> None:
    with opened(home.state_file) as connection:
        GroupBook(connection).list()
        StatusBook(connection).list_statuses()


def _count(home: Home) -> int:
    roster = open_roster(home, _AT)
    return sum(len(roster.find(group.name).known) for group in roster.groups)


def _explain(home: Home) -> list[tuple[str, ...]]:
    roster = open_roster(home, _AT)
    largest = max((group.name for group in roster.groups), key=lambda name: len(roster.members(name)))
    return [roster.reasons(largest, machine_id) for machine_id in roster.members(largest)]


def _ask_anew(home: Home, machine: Machine) -> str | None:
    with ScopeGuard(home) as guard:
        return guard.refusal(machine)


def _define(home: Home, groups: list[Group]) -> None:
    with opened(home.state_file) as connection, transaction(connection):
        for group in groups:
            GroupBook(connection).put(group)


def _groups() -> Iterator[Group]:
    for number in range(_GROUPS):
        name, site = f"group-{number:04}", f"site-{number % 200}"
        if number % 3 == 0:
            yield Group(name, expression=f"tag:site={site} and not tag:ring={number % 7}")
        elif number % 3 == 1:
            within = f"group:group-{number - 1:04}"
            yield Group(name, targets=(f"m{number % 100:02}*", f"m0{number:04}", within))
        else:
            limit = f"answered-hours < {number}"
            yield Group(name, expression=f"system-version >= {number % 16} and tag.site = {site[:-1]}* and {limit}")


def _machine(number: int) -> Machine:
    tags = {"site": f"site-{number % 200}", "ring": str(number % 7), "env": "prod" if number % 3 else "test"}
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return Machine(f"id-{number:05}", f"m{number:05}", TransportKind.SSH, _AT, address=address, tags=tags)


def _assessment(machine: Machine, number: int) -> Assessment:
    system, version = _SYSTEMS[number % len(_SYSTEMS)]
    at = _AT - timedelta(seconds=number)
    facts = MachineFacts(os_type=OSType.LINUX, os_id=system, os_version=version, kernel="6.1.0-27", fqdn=machine.name)
    return Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, facts)


if __name__ == "__main__":
    main()
