"""The duty of followed sources: read in their time, one after the other, and told where they cannot be."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.importing.request import ImportRequest
from fleet.importing.source import Following
from ops.config import Settings
from ops.enrolment import list_machines
from ops.home import Home
from ops.importing import apply_import, preview_import
from ops.importing.applying import Applying
from ops.importing.sources import SourceReading, run_source
from ops.service.duty import Look
from ops.service.sources import SourcesDuty
from tests.ops.service.conftest import Console, VirtualTime


@pytest.fixture
def hosts(tmp_path: Path, home: Home, time: VirtualTime) -> Path:
    """A list that is followed, read every half hour."""
    path = tmp_path / "hosts.csv"
    path.write_text("name\nweb-1\nweb-2\n", encoding="utf-8")
    preview = preview_import(home, ImportRequest(str(path)), time.wall)
    apply_import(home, preview, Applying(following=Following(30)), time.wall)
    return path


async def _attend(duty: SourcesDuty, now: datetime) -> datetime | None:
    """One look, with all that it begins."""
    at = await duty.attend(Look(now, None, now, Settings()))
    if duty._task is not None:
        await asyncio.wait_for(asyncio.shield(duty._task), 30)
    return at


async def test_list_is_read_in_its_time(hosts: Path, console: Console, home: Home, time: VirtualTime) -> None:
    """Before, the duty says when; then what is gone is marked."""
    hosts.write_text("name\nweb-1\n", encoding="utf-8")
    duty = SourcesDuty(console.post())
    start = time.wall()
    assert await _attend(duty, start) == start + timedelta(minutes=30)
    assert [machine.missing_since for machine in list_machines(home)] == [None, None]

    await _attend(duty, start + timedelta(minutes=31))

    assert [machine.missing_since is not None for machine in list_machines(home)] == [False, True]


async def test_list_that_cannot_be_read_is_a_trouble(hosts: Path, console: Console, time: VirtualTime) -> None:
    """Until it can be read again."""
    hosts.unlink()
    duty = SourcesDuty(console.post())
    later = time.wall() + timedelta(hours=1)
    await _attend(duty, later)
    await _attend(duty, time.wall())
    assert "hosts.csv could not be read: There is no file" in duty.troubles()[0].text


async def test_service_that_ends_finishes_the_list_in_work(
    hosts: Path, console: Console, home: Home, time: VirtualTime
) -> None:
    """Nothing half-written stays, and nothing is begun any more."""
    other = hosts.with_name("more.csv")
    other.write_text("name\ndb-1\n", encoding="utf-8")
    preview = preview_import(home, ImportRequest(str(other)), time.wall)
    apply_import(home, preview, Applying(following=Following(31)), time.wall)
    begun: list[str] = []
    duty: SourcesDuty

    def run(home: Home, name: str, clock: Callable[[], datetime]) -> SourceReading:
        begun.append(name)
        duty._is_ending = True
        return run_source(home, name, clock)

    duty = SourcesDuty(console.post(), run)
    late = time.wall() + timedelta(hours=1)
    await duty.attend(Look(late, None, late, Settings()))
    await asyncio.wait_for(duty.end(), 30)
    assert begun == ["hosts.csv"]
    assert await duty.attend(Look(late, None, late, Settings())) is None
