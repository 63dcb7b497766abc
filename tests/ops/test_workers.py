"""Several worker processes give what one gives: results, events, evidence, passwords, and an end when stopped."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from collectors.secrets import NoSecrets, Secret
from fleet.assessments import Assessment
from fleet.failures import FailureKind
from fleet.machines import Become, Machine, TransportKind
from ops.assess import BatchResult, FleetOptions, assess_fleet
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.assess_limits import FEWEST_CORES_FOR_WORKERS, worker_count
from ops.enrolment import Definition, enrol, list_machines
from ops.home import Home, open_home

Transcript = Callable[..., Path]
AT = datetime(2026, 11, 22, tzinfo=UTC)


class Passwords(NoSecrets):
    """Has one password for each machine, and notes who asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def password(self, _machine: Machine, /) -> Secret | None:
        return None

    def sudo_password(self, machine: Machine, /) -> Secret | None:
        self.asked.append(machine.name)
        return Secret(f"secret of {machine.name}")


@pytest.fixture
def home(tmp_path: Path, recorded: Path, transcript: Transcript) -> Home:
    """A home with machines that answer, that print what nobody knows, and that refuse."""
    home = open_home(tmp_path / "home")
    failure = {"kind": "login-refused", "tried": "SSH", "came_back": "refused.", "remedy": "Give a key."}
    others = {"odd": transcript("odd", exit_status=0, stdout=["who?", ""]), "no": transcript("no", failure=failure)}
    for name, path in {**{f"good-{number}": recorded for number in range(4)}, **others}.items():
        become = Become.SUDO if name == "good-1" else Become.NONE
        enrol(home, Definition(name, TransportKind.SCRIPTED, transcript=str(path), become=become))
    return home


async def scan(home: Home, workers: int) -> tuple[BatchResult, list[AssessEvent], Passwords]:
    events: list[AssessEvent] = []
    passwords = Passwords()
    options = FleetOptions(deadline_seconds=30.0, workers=workers, secrets=passwords)
    return await assess_fleet(home, list_machines(home), options, events.append), events, passwords


def comparable(result: BatchResult) -> dict[str, Assessment]:
    """The assessments by machine, without what differs from scan to scan: times and what follows from them."""
    by_name = {}
    for each in result.assessments:
        facts = replace(each.facts, booted_at=None, clock_skew_seconds=None)
        failure = replace(each.failure, elapsed_seconds=None) if each.failure else None
        kinds = tuple(finding for finding in each.findings if "clock" not in finding.kind)
        by_name[each.machine_name] = replace(
            each, started_at=AT, ended_at=AT, facts=facts, failure=failure, findings=kinds
        )
    return by_name


async def test_two_workers_give_what_one_gives(home: Home) -> None:
    """Assessments, events, evidence and questions for passwords are the same, and every table has one commit."""
    one, events_of_one, passwords_of_one = await scan(home, 1)
    two, events_of_two, passwords_of_two = await scan(home, 2)

    assert comparable(two) == comparable(one)
    assert passwords_of_one.asked == passwords_of_two.asked == ["good-1"]
    assert [Path(path).name for path in two.evidence] == [Path(path).name for path in one.evidence] == ["odd.out"]
    for kind in (MachineStarted, MachineFinished, BatchCommitted):
        assert sum(isinstance(e, kind) for e in events_of_two) == sum(isinstance(e, kind) for e in events_of_one)
    assert [event.done for event in events_of_two if isinstance(event, MachineFinished)] == [1, 2, 3, 4, 5, 6]
    history = DeltaTable(home.tables_dir / "Assessment").history()
    assert len(history) == 2
    assert pl.read_delta(str(home.tables_dir / "Assessment")).height == 12


async def test_machines_that_were_alike_share_their_memory(home: Home) -> None:
    """What two machines of one worker have in common comes once."""
    result, _, _ = await scan(home, 2)
    good = [each for each in result.assessments if each.failure is None]
    assert len({id(each.installed) for each in good}) <= 2


async def test_workers_are_stopped_with_the_scan(home: Home, transcript: Transcript) -> None:
    """What was done is stored; machines that hang are named as not assessed, and no worker stays."""
    for number in range(2):
        hangs = transcript(f"hangs-{number}", delay_seconds=3600, stdout=[])
        enrol(home, Definition(f"hangs-{number}", TransportKind.SCRIPTED, transcript=str(hangs)))
    stop = asyncio.Event()
    finished: list[str] = []

    def stop_when_others_are_done(event: AssessEvent) -> None:
        if isinstance(event, MachineFinished):
            finished.append(event.machine.name)
            if len(finished) == 6:
                stop.set()

    options = FleetOptions(deadline_seconds=600.0, workers=2)
    result = await assess_fleet(home, list_machines(home), options, stop_when_others_are_done, stop=stop)

    assert sorted(machine.name for machine in result.not_assessed) == ["hangs-0", "hangs-1"]
    assert len(result.assessments) == 6


async def test_a_deadline_is_the_machines_own(home: Home, transcript: Transcript) -> None:
    """In a worker, too, a machine that hangs fails by its deadline while the others answer."""
    hangs = transcript("hangs", delay_seconds=3600, stdout=[])
    enrol(home, Definition("hangs", TransportKind.SCRIPTED, transcript=str(hangs)))
    result = await assess_fleet(
        home, list_machines(home), FleetOptions(deadline_seconds=5.0, workers=2), lambda _event: None
    )
    kinds = {each.machine_name: each.failure.kind if each.failure else None for each in result.assessments}
    assert kinds["hangs"] is FailureKind.DEADLINE_EXCEEDED
    assert [kinds[f"good-{number}"] for number in range(4)] == [None] * 4


@pytest.mark.parametrize(
    ("cores", "wanted", "concurrency", "machines", "workers"),
    [(2, None, None, 10_000, 1), (8, None, None, 100, 1), (8, None, None, 1_000, 4), (8, None, None, 10_000, 7),
     (8, None, 2, 10_000, 2), (2, 4, None, 10, 4), (2, 4, None, 3, 3)],
)  # fmt: skip
def test_workers_are_as_many_as_are_worth_it(
    monkeypatch: pytest.MonkeyPatch,
    cores: int,
    wanted: int | None,
    concurrency: int | None,
    machines: int,
    workers: int,
) -> None:
    """A core stays ours, two are too few, a worker has enough machines, and what was asked for holds."""
    monkeypatch.setattr("ops.assess_limits._cores", lambda: cores)
    assert FEWEST_CORES_FOR_WORKERS == 3
    assert worker_count(wanted, concurrency, machines) == workers
