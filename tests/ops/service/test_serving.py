"""The loop of the service: looks when something is due or written, and lets no duty harm the others."""

import asyncio
import os
import shutil
import socket
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from fleet.errors import HomeIsNewer
from ops.service.doing import Activity, Trouble, read_doing
from ops.service.duty import Look
from ops.service.notify import notify, watchdog_seconds
from ops.service.serving import LeaseLost, Pace, Service
from ops.state import Audit, connect
from ops.state.lease import LeaseBook
from tests.ops.service.conftest import Console

_QUICK = Pace(look_seconds=0.005, beat_seconds=0.01, told_seconds=0.0)


@dataclass(slots=True)
class Noting:
    """A duty that notes how it was attended to."""

    name: str = "noting"
    wants: timedelta | None = None
    error: Exception | None = None
    looks: list[Look] = field(default_factory=list)
    ended: bool = False

    async def attend(self, look: Look) -> datetime | None:
        self.looks.append(look)
        if self.error is not None:
            raise self.error
        return None if self.wants is None else look.now + self.wants

    def activities(self) -> Sequence[Activity]:
        return [Activity(self.name, f"looked {len(self.looks)} times", self.looks[0].now)] if self.looks else []

    def troubles(self) -> Sequence[Trouble]:
        return ()

    async def end(self) -> None:
        self.ended = True


class Serving:
    """A service at work in the background of a test."""

    def __init__(self, console: Console, *duties: Noting) -> None:
        self._console = console
        self.stop = asyncio.Event()
        self.is_ready = asyncio.Event()
        service = Service(console.held, lambda _post: duties, console.time.clocks(), _QUICK)
        self.task = asyncio.create_task(service.serve(self.stop, self.is_ready.set))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when ``condition`` holds."""
        async with asyncio.timeout(30):
            while not condition():
                assert not self.task.done()
                await asyncio.sleep(0.002)

    async def until_another_look(self, duty: "Noting") -> None:
        """Returns when ``duty`` was attended to once more, some seconds later."""
        seen = len(duty.looks)
        self._console.time.true += timedelta(seconds=2)
        await self.until(lambda: len(duty.looks) > seen)

    async def end(self) -> None:
        """Ends it in order."""
        self.stop.set()
        await self.task


async def test_it_looks_when_somebody_writes_and_when_something_is_due(console: Console) -> None:
    """And not in between."""
    duty = Noting(wants=timedelta(minutes=3))
    serving = Serving(console, duty)
    await serving.until(lambda: len(duty.looks) == 1)
    with closing(connect(console.home.state_file)) as connection:
        Audit(connection).record("test", "something")
    await serving.until(lambda: len(duty.looks) == 2)
    console.time.true = timedelta(minutes=3)
    await serving.until(lambda: len(duty.looks) == 3)
    assert duty.looks[2].passed == timedelta(minutes=3)
    await serving.end()
    assert duty.ended
    assert len(duty.looks) == 3


async def test_a_clock_that_is_set_has_it_look_at_once(console: Console) -> None:
    """Every duty learns since when the clock holds."""
    duty = Noting(wants=timedelta(hours=9))
    serving = Serving(console, duty)
    await serving.until(lambda: len(duty.looks) == 1)
    console.time.offset = timedelta(hours=-1)
    await serving.until(lambda: len(duty.looks) == 2)
    assert duty.looks[1].since == console.time.wall()
    assert duty.looks[1].passed == timedelta(0)
    await serving.end()


async def test_a_duty_that_fails_is_told_of_and_costs_the_others_nothing(console: Console) -> None:
    """It is asked again half a minute later."""
    failing, working = Noting("failing", error=ValueError("no")), Noting("working")
    serving = Serving(console, failing, working)

    def troubles() -> list[Trouble]:
        with closing(connect(console.home.state_file)) as connection:
            holder = LeaseBook(connection).holder()
        return [*read_doing(holder.doing).troubles] if holder else []

    await serving.until(lambda: troubles() == [Trouble("failing", "ValueError: no")])
    assert len(working.looks) >= 1
    seen = len(failing.looks)
    console.time.true = timedelta(seconds=31)
    await serving.until(lambda: len(failing.looks) > seen)
    await serving.end()


async def test_who_loses_the_lease_ends_without_another_look(console: Console) -> None:
    """A console that stood still for long was taken for dead."""
    duty = Noting()
    serving = Serving(console, duty)
    await serving.until(lambda: len(duty.looks) == 1)
    with closing(connect(console.home.state_file)) as connection:
        LeaseBook(connection).take(replace(console.held.lease, token="another"))
    with pytest.raises(LeaseLost):
        await serving.task
    assert len(duty.looks) == 1
    assert duty.ended


async def test_it_ends_when_its_home_is_gone(console: Console) -> None:
    """And makes nothing of it anew."""
    serving = Serving(console, Noting())
    await serving.is_ready.wait()
    shutil.rmtree(console.home.path)
    with pytest.raises(LeaseLost, match="is gone"):
        await serving.task
    assert not console.home.path.exists()


async def test_it_ends_for_a_newer_patchdeck(console: Console) -> None:
    """Which can work for the home only then."""
    serving = Serving(console, Noting(error=HomeIsNewer("newer")))
    with pytest.raises(HomeIsNewer):
        await serving.task


async def test_settings_are_read_anew_and_wrong_ones_are_told_of(console: Console) -> None:
    """The last ones that could be used hold meanwhile."""
    duty = Noting(wants=timedelta(seconds=1))
    serving = Serving(console, duty)
    await serving.until(lambda: len(duty.looks) == 1)
    for text, hours in (
        ("upkeep_hours = 3.0", 3.0),
        ("upkeep_hours = 'x'", 3.0),
        ("upkeep_hours = 4.0\nassess_every = ['often']", 3.0),
        ("upkeep_hours = 5.0", 5.0),
    ):
        console.home.config_file.write_text(f"[service]\n{text}\n", "utf-8")
        await serving.until_another_look(duty)
        assert duty.looks[-1].settings.service_upkeep_hours == hours
    await serving.end()


async def test_systemd_is_told_how_the_service_stands(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ready after the first look, alive while it looks, stopping at the end."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "2000")
        serving = Serving(console, Noting())
        await serving.is_ready.wait()
        told: list[str] = []

        def hear() -> bool:
            try:
                told.append(manager.recv(4096).decode())
            except BlockingIOError:
                return False
            return True

        await serving.until(lambda: hear() and told.count("WATCHDOG=1") >= 2)
        await serving.end()
        while hear():
            pass
    assert {"READY=1", "STOPPING=1"} <= {*told}


def test_without_systemd_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No socket, a foreign watchdog, or nonsense: nothing happens."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/nonexistent/socket")
    notify("READY=1")
    monkeypatch.setenv("WATCHDOG_USEC", "2000000")
    assert watchdog_seconds() == 1.0
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid() + 1))
    assert watchdog_seconds() is None
