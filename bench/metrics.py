"""The metrics of ten thousand machines: gathered for the first time, again, and while a scan comes in.

    python bench/metrics.py [--write]

The service gathers once a minute; beside each figure stands what share of one core that is.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, RunStatus
from fleet.deployments.update_rules import UpdateRules
from fleet.facts import DiskSpace, MachineFacts
from fleet.groups.group import Group
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Classification, Update
from ops.config import Settings
from ops.deployments.new_runs import new_run
from ops.home import Home, open_home
from ops.metrics.gathering import Gatherer
from ops.state.database import opened, transaction
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.runs import RunBook
from ops.state.statuses import StatusBook

_PAGE = Path(__file__).parents[1] / "docs/metrics.md"
_BEGIN, _END = "<!-- bench/metrics.py writes from here -->", "<!-- to here, metrics -->"
_MACHINES, _GROUPS, _RUNS, _ROUNDS = 10_000, 100, 20, 3
_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_SYSTEMS = (("debian", "12"), ("debian", "13"), ("rhel", "9.4"), ("rhel", "9.10"), ("opensuse-leap", "15.6"))
_NONE = Settings(metrics_groups=())
_ALL = Settings(metrics_machines=("all",))


def main() -> None:
    """Make the fleet, gather, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/metrics.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="patchdeck-metrics-") as folder:
        text = _measure(open_home(Path(folder, "home")))
    if options.write:
        before, rest = _PAGE.read_text("utf-8").split(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", "utf-8")
    else:
        print(text)


def _measure(home: Home) -> str:
    machines = [_machine(number) for number in range(_MACHINES)]
    with opened(home.state_file) as connection, transaction(connection):
        for machine in machines:
            MachineBook(connection).add(machine)
    _scan(home, machines, 0)
    _run(home, machines)
    rows = [_row("gathered for the first time", lambda: _page(Gatherer(home), _NONE))]
    kept = Gatherer(home)
    _page(kept, _NONE)
    rows.append(_row("again, nothing has changed", lambda: _page(kept, _NONE)))
    rounds = iter(range(1, 100))

    def after_scan() -> int:
        _scan(home, machines[:200], next(rounds))
        began = time.process_time()
        _page(kept, _NONE)
        return round((time.process_time() - began) * 1e6)

    taken = min(after_scan() for _ in range(_ROUNDS)) / 1e6
    rows.append(f"| again, 200 machines were scanned | {taken:.3f} | {taken / 60:.2%} | {_lines(kept, _NONE)} |")
    _group(home)
    rows.append(_row(f"{_GROUPS} groups, evaluated every five minutes", lambda: _page(Gatherer(home), Settings())))
    grouped = Gatherer(home)
    _page(grouped, Settings())
    rows.append(_row("again, within the five minutes", lambda: _page(grouped, Settings())))
    each = Gatherer(home)
    _page(each, _ALL)
    rows.append(_row("and every machine by itself", lambda: _page(each, _ALL)))
    head = f"{_MACHINES:,} machines, {_RUNS} runs of all of them, {datetime.now(UTC):%Y-%m-%d}; best of {_ROUNDS}."
    return "\n".join((head, "", "| what | CPU s | of a core | lines |", "| --- | ---: | ---: | ---: |", *rows))


def _row(what: str, work: Callable[[], int]) -> str:
    taken, lines = [], 0
    for _ in range(_ROUNDS):
        began = time.process_time()
        lines = work()
        taken.append(time.process_time() - began)
    return f"| {what} | {min(taken):.3f} | {min(taken) / 60:.2%} | {lines:,} |"


def _page(gatherer: Gatherer, settings: Settings) -> int:
    return gatherer.gather(settings, _AT).page().count("\n")


def _lines(gatherer: Gatherer, settings: Settings) -> str:
    return f"{_page(gatherer, settings):,}"


def _scan(home: Home, machines: list[Machine], number: int) -> None:
    with opened(home.state_file) as connection:
        StatusBook(connection).record(_assessment(machine, index, number) for index, machine in enumerate(machines))


def _run(home: Home, machines: list[Machine]) -> None:
    """Runs over all machines that are over, as a year of them leaves behind."""
    deployment = Deployment("nightly", ("all",), UpdateRules(classes=(Classification.SECURITY,)))
    for number in range(_RUNS):
        run = new_run(deployment, _AT - timedelta(days=number + 1), Requester("bench"))
        with opened(home.state_file) as connection, transaction(connection):
            book = RunBook(connection)
            book.make(run)
            connection.executemany(
                "INSERT INTO machine_runs (run_id, machine_id, wave, position, status, document) "
                "VALUES (?, ?, 0, ?, ?, ?)",
                [(run.id, each.id, at, "Succeeded", "x" * 1_500) for at, each in enumerate(machines)],
            )
            book.save(replace(run, status=RunStatus.SUCCEEDED, ended_at=_AT))


def _group(home: Home) -> None:
    with opened(home.state_file) as connection, transaction(connection):
        for number in range(_GROUPS):
            name = f"group-{number:03}"
            GroupBook(connection).put(Group(name, expression=f"tag:site=site-{number} and not tag:ring={number % 7}"))


def _machine(number: int) -> Machine:
    tags = {"site": f"site-{number % 200}", "ring": str(number % 7)}
    address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
    return Machine(f"id-{number:05}", f"m{number:05}", TransportKind.SSH, _AT, address=address, tags=tags)


def _assessment(machine: Machine, index: int, scan: int) -> Assessment:
    system, version = _SYSTEMS[index % len(_SYSTEMS)]
    at = _AT - timedelta(hours=1, seconds=-scan)
    facts = MachineFacts(
        os_type=OSType.LINUX,
        os_id=system,
        os_version=version,
        kernel="6.1.0-27",
        booted_at=_AT,
        disks=(DiskSpace("/var", 5_000_000, 10_000_000), DiskSpace("/boot", 500_000, 1_000_000)),
    )
    updates = tuple(
        Update(f"package-{number}", "amd64", "1", "2", Classification.SECURITY, "bench", "main")
        for number in range(index % 9)
    )
    return Assessment(machine.id, machine.name, at, at, Coverage.COMPLETE, facts, updates)


if __name__ == "__main__":
    main()
