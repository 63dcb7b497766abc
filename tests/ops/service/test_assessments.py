"""The duty of assessments, over machines that answer from transcripts and a real store."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester
from fleet.machines import Machine
from ops.assess import BatchResult, FleetOptions, assess_fleet
from ops.assess_events import AssessEvent
from ops.config import Settings
from ops.deployments.new_runs import new_run
from ops.home import Home
from ops.service.assessments import AssessmentsDuty
from ops.state import StatusBook, connect
from ops.state.runs import RunBook
from ops.state.scheduled import ScheduleBook
from ops.statuses import statuses_of
from tests.ops.service.conftest import Console, enrol, scripted

_MINUTE = timedelta(minutes=1)


class Assessing:
    """Assesses as ever, by the clock of the test, and remembers the batches."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.batches: list[tuple[list[str], bool]] = []

    async def __call__(
        self,
        home: Home,
        machines: Sequence[Machine],
        options: FleetOptions,
        on_event: Callable[[AssessEvent], None],
        stop: asyncio.Event,
    ) -> BatchResult:
        self.batches.append(([machine.name for machine in machines], options.refresh))
        return await assess_fleet(home, machines, options, on_event, stop=stop, clock=self._console.time.wall)


@pytest.fixture
def unreachable(tmp_path: Path) -> Path:
    """The transcript of a machine that refuses connections."""
    failure = {"kind": "connection-refused", "tried": "connect", "came_back": "refused.", "remedy": "Start sshd."}
    path = tmp_path / "unreachable.json"
    path.write_text(json.dumps({"format": 1, "replies": [{"failure": failure}]}), "utf-8")
    return path


async def _live(console: Console, duty: AssessmentsDuty, minutes: int) -> None:
    """Looks once a minute, each batch to its end."""
    for _ in range(minutes):
        await duty.attend(console.look())
        if duty._task is not None:
            await asyncio.wait({duty._task})
        console.time.true += _MINUTE


def _names(assessing: Assessing) -> list[str]:
    return sorted(name for names, _ in assessing.batches for name in names)


async def test_machines_that_are_due_are_assessed_soon_after_the_start(console: Console, recorded: Path) -> None:
    """All within 15 minutes, in batches a minute apart at least; then each once an hour."""
    for number in range(6):
        enrol(console.home, scripted(f"web-{number}", recorded))
    assessing = Assessing(console)
    duty = AssessmentsDuty(console.post(), assessing)
    await _live(console, duty, 15)
    assert _names(assessing) == [f"web-{number}" for number in range(6)]
    assert all(status.last_answer is not None for status in statuses_of(console.home, ["all"]))
    assert len(assessing.batches) <= 6
    assessing.batches.clear()
    await _live(console, duty, 120)
    counts = [_names(assessing).count(f"web-{number}") for number in range(6)]
    assert set(counts) <= {1, 2}
    assert sum(counts) >= 8
    assert duty.troubles() == []


async def test_machines_are_assessed_by_the_clock_of_the_service(console: Console, recorded: Path) -> None:
    """In the live demo that is not the wall's: what it assessed stood there as of the future."""
    enrol(console.home, scripted("web-1", recorded))
    await _live(console, AssessmentsDuty(console.post()), 60)
    (status,) = statuses_of(console.home, ["all"])
    assert status.last_answer is not None
    assert abs(status.last_answer.ended_at - console.time.wall()) <= timedelta(hours=1)


async def test_disabled_machines_and_those_of_a_run_are_left_alone(console: Console, recorded: Path) -> None:
    """The one of a run is assessed once the run lets it go."""
    for name, enabled in (("off", False), ("busy", True), ("free", True)):
        enrol(console.home, scripted(name, recorded, enabled=enabled))
    run = new_run(Deployment("d", ("busy",)), console.time.wall(), Requester("tester"))
    with closing(connect(console.home.state_file)) as connection:
        RunBook(connection).make(run)
        RunBook(connection).claim("id-busy", run.id)
    assessing = Assessing(console)
    duty = AssessmentsDuty(console.post(), assessing)
    await _live(console, duty, 20)
    assert _names(assessing) == ["free"]
    with closing(connect(console.home.state_file)) as connection:
        RunBook(connection).release("id-busy", run.id)
    await _live(console, duty, 2)
    assert _names(assessing) == ["busy", "free"]


async def test_an_unreachable_machine_is_not_tried_every_minute(console: Console, unreachable: Path) -> None:
    """Four tries at most in its first hour, each later than the last; its failures are counted."""
    enrol(console.home, scripted("gone", unreachable))
    assessing = Assessing(console)
    await _live(console, AssessmentsDuty(console.post(), assessing), 70)
    assert 3 <= len(assessing.batches) <= 6
    with closing(connect(console.home.state_file)) as connection:
        assert ScheduleBook(connection).last_assessed()["id-gone"].failures == len(assessing.batches)


async def test_lists_are_fetched_as_often_as_the_settings_say(console: Console, recorded: Path) -> None:
    """In a batch of their own; the assessments between use the lists that are there."""
    enrol(console.home, scripted("web-1", recorded))
    console.settings = Settings(service_assess_linux_minutes=30, service_refresh_hours=3.0)
    assessing = Assessing(console)
    await _live(console, AssessmentsDuty(console.post(), assessing), 300)
    fresh = [refresh for _, refresh in assessing.batches]
    assert fresh[0]
    assert 2 <= sum(fresh) <= 3
    assert len(fresh) >= 9


async def test_nothing_is_assessed_where_the_settings_forbid_it(console: Console, recorded: Path) -> None:
    """The switch holds at once."""
    enrol(console.home, scripted("web-1", recorded))
    console.settings = Settings(service_assess=False)
    assessing = Assessing(console)
    await _live(console, AssessmentsDuty(console.post(), assessing), 20)
    assert assessing.batches == []


async def test_a_service_that_ends_stores_what_has_come_in(
    console: Console, recorded: Path, transcript: Callable[..., Path]
) -> None:
    """A machine that hangs does not cost the others their answers."""
    enrol(console.home, scripted("quick", recorded))
    enrol(console.home, scripted("slow", transcript("slow", delay_seconds=60.0)))
    duty = AssessmentsDuty(console.post(), Assessing(console))
    await duty.attend(console.look())
    console.time.true = 11 * _MINUTE
    await duty.attend(console.look())
    await _until(lambda: "1 of 2" in "".join(activity.text for activity in duty.activities()))
    await duty.end()
    with closing(connect(console.home.state_file)) as connection:
        assert [*StatusBook(connection).answered_at(["id-quick", "id-slow"])] == ["id-quick"]


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)
