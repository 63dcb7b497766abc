"""The duty of metrics: a file and an endpoint that follow the settings, and say how old they are."""

import asyncio
import re
import socket
from datetime import timedelta
from pathlib import Path

from ops.config import Settings
from ops.service.doing import Doing, write_doing
from ops.service.metrics import MetricsDuty
from ops.state.database import opened
from ops.state.lease import LeaseBook
from tests.ops.service.conftest import Console


async def _look(duty: MetricsDuty, console: Console) -> None:
    """One look, and all that it began."""
    await duty.attend(console.look())
    if duty._task is not None:
        await asyncio.wait({duty._task})


def _written(path: Path) -> float:
    found = re.search(r"^patchdeck_written_timestamp_seconds (\S+)$", path.read_text(), re.MULTILINE)
    assert found is not None
    return float(found[1])


async def test_nothing_is_gathered_where_nobody_asks(console: Console) -> None:
    """No clock wakes the service for it."""
    duty = MetricsDuty(console.post())
    assert await duty.attend(console.look()) is None
    assert duty._task is None
    await duty.end()


async def test_the_file_is_written_each_minute(console: Console, tmp_path: Path) -> None:
    """Not more often, whatever wakes the service; also after the clock was set back."""
    path = tmp_path / "patchdeck.prom"
    console.settings = Settings(metrics_textfile=str(path))
    duty = MetricsDuty(console.post())
    began = console.time.wall()
    assert await duty.attend(console.look()) == began + timedelta(minutes=1)
    await _look(duty, console)
    assert _written(path) == began.timestamp()
    console.time.true = timedelta(seconds=30)
    await _look(duty, console)
    assert _written(path) == began.timestamp()
    console.time.true = timedelta(seconds=60)
    await _look(duty, console)
    assert _written(path) == console.time.wall().timestamp()
    console.time.offset = -timedelta(hours=3)
    await _look(duty, console)
    assert _written(path) == console.time.wall().timestamp()
    await duty.end()


async def test_the_end_of_the_service_is_written(console: Console, tmp_path: Path) -> None:
    """While it works it says so; what it said stays in the file, with its age."""
    path = tmp_path / "patchdeck.prom"
    console.settings = Settings(metrics_textfile=str(path))
    duty = MetricsDuty(console.post())
    await _look(duty, console)
    assert "\npatchdeck_service_running 1\n" in path.read_text()
    with opened(console.home.state_file) as connection:
        LeaseBook(connection).beat(console.held.lease.token, console.time.wall(), write_doing(Doing(is_ending=True)))
    console.time.true = timedelta(seconds=5)
    await duty.end()
    assert "\npatchdeck_service_running 0\n" in path.read_text()
    assert _written(path) == console.time.wall().timestamp()


async def test_a_file_that_nobody_wants_any_more_is_taken_away(console: Console, tmp_path: Path) -> None:
    """It would tell of a fleet as it once was; a file that another wrote stays."""
    first, second = tmp_path / "first.prom", tmp_path / "second.prom"
    duty = MetricsDuty(console.post())
    for path in (first, second):
        console.settings = Settings(metrics_textfile=str(path))
        console.time.true += timedelta(minutes=1)
        await _look(duty, console)
    assert not first.exists()
    assert second.exists()
    console.settings = Settings()
    await _look(duty, console)
    assert not second.exists()
    await duty.end()


async def test_what_cannot_be_written_or_served_is_told_and_tried_again(console: Console, tmp_path: Path) -> None:
    """The rest goes on: a port that is taken keeps no file from being written."""
    folder = tmp_path / "later"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        console.settings = Settings(metrics_textfile=str(folder / "a.prom"), metrics_listen=f"127.0.0.1:{port}")
        duty = MetricsDuty(console.post())
        await _look(duty, console)
        told = [trouble.text for trouble in duty.troubles()]
        assert [text.partition(":")[0] for text in told] == [
            f"Cannot write the metrics to {folder / 'a.prom'}",
            "Cannot serve metrics at 127.0.0.1",
        ]
    folder.mkdir()
    console.time.true = timedelta(minutes=1)
    await _look(duty, console)
    assert list(duty.troubles()) == []
    assert (folder / "a.prom").exists()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /metrics HTTP/1.1\r\n\r\n")
    assert b"patchdeck_service_running 1\n" in await reader.read()
    writer.close()
    await duty.end()
