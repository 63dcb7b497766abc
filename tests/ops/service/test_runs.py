"""The duty of runs, with an engine that a test ends: the real one is tested where it lives."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from ops.config import Settings
from ops.deployments.new_runs import new_run
from ops.home import Home
from ops.service.runs import RunsDuty
from ops.state import connect
from ops.state.runs import RunAction, RunBook
from tests.ops.service.conftest import Console


class Engines:
    """Engines that work until a test ends them, or breaks them."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self.begun: list[str] = []
        self.ends: dict[str, asyncio.Future[RunStatus]] = {}

    def make(self, run_id: str, stop: asyncio.Event, settings: Settings) -> "_Engine":
        """See `ops.service.runs.EngineMaker`."""
        del settings
        self.begun.append(run_id)
        self.ends[run_id] = asyncio.get_running_loop().create_future()
        return _Engine(self._home, run_id, stop, self.ends[run_id])


class _Engine:
    def __init__(self, home: Home, run_id: str, stop: asyncio.Event, end: asyncio.Future[RunStatus]) -> None:
        self._home, self._run_id, self._stop, self._end = home, run_id, stop, end

    async def run(self) -> Run:
        stopped = asyncio.create_task(self._stop.wait())
        self._end.add_done_callback(lambda _end: self._stop.set() if self._end.cancelled() else stopped.cancel())
        await asyncio.wait({stopped})
        with closing(connect(self._home.state_file)) as connection:
            book = RunBook(connection)
            run = book.find(self._run_id)
            if self._end.done():
                book.save(replace(run, status=self._end.result()))
            return book.find(self._run_id)


def _make(console: Console, minutes: float = 0.0, status: RunStatus = RunStatus.WAITING) -> str:
    opens_at = console.time.wall() + timedelta(minutes=minutes)
    run = replace(new_run(Deployment("d", ("all",)), opens_at, Requester("tester")), status=status)
    with closing(connect(console.home.state_file)) as connection:
        RunBook(connection).make(run)
    return run.id


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.005)


async def test_waiting_runs_are_begun_and_those_in_progress_taken_up(console: Console) -> None:
    """Each once, however often it is looked; the one whose window opens later waits for it."""
    engines = Engines(console.home)
    duty = RunsDuty(console.post(), engines.make)
    now, going, later = _make(console), _make(console, -5, RunStatus.IN_PROGRESS), _make(console, 30)
    assert await duty.attend(console.look()) == console.time.wall() + timedelta(minutes=30)
    await duty.attend(console.look())
    await _until(lambda: len(engines.begun) == 2)
    assert set(engines.begun) == {now, going}
    assert duty.in_work == 2
    console.time.true = timedelta(minutes=30)
    await duty.attend(console.look())
    await _until(lambda: later in engines.begun)
    await duty.end()


async def test_a_run_that_ends_makes_room_for_the_next(console: Console) -> None:
    """The service is asked to look again; until then the other waits and is told of."""
    console.settings = Settings(service_runs_at_once=1)
    engines = Engines(console.home)
    duty = RunsDuty(console.post(), engines.make)
    first, second = _make(console, -2), _make(console, -1)
    await duty.attend(console.look())
    await _until(lambda: engines.begun == [first])
    assert [trouble.text for trouble in duty.troubles()] == [f"run {second} waits for another to end"]
    engines.ends[first].set_result(RunStatus.SUCCEEDED)
    await _until(lambda: duty.in_work == 0)
    assert console.asked == 1
    await duty.attend(console.look())
    await _until(lambda: engines.begun == [first, second])
    await duty.end()


async def test_a_request_has_a_run_taken_up_before_its_window(console: Console) -> None:
    """So that a run can be cancelled before it begins."""
    engines = Engines(console.home)
    duty = RunsDuty(console.post(), engines.make)
    run_id = _make(console, 600)
    await duty.attend(console.look())
    with closing(connect(console.home.state_file)) as connection:
        RunBook(connection).ask(run_id, RunAction.CANCEL, Requester("tester"))
    await duty.attend(console.look())
    await _until(lambda: engines.begun == [run_id])
    await duty.end()


async def test_a_run_that_breaks_off_is_taken_up_again_later(console: Console) -> None:
    """After a minute, then after two: a mistake of ours is no busy loop, and it is told."""
    engines = Engines(console.home)
    duty = RunsDuty(console.post(), engines.make)
    run_id = _make(console)
    for minutes in (1, 2, 4):
        await duty.attend(console.look())
        await _until(lambda: duty.in_work == 1 and engines.ends.get(run_id) is not None)
        engines.ends.pop(run_id).set_exception(ValueError("a mistake"))
        await _until(lambda: duty.in_work == 0)
        assert await duty.attend(console.look()) == console.time.wall() + timedelta(minutes=minutes)
        assert [trouble.text for trouble in duty.troubles()] == [f"run {run_id} broke off: ValueError: a mistake"]
        console.time.true += timedelta(minutes=minutes)
    assert len(engines.begun) == 3


async def test_a_service_that_ends_leaves_its_runs_to_the_next(console: Console) -> None:
    """They are still open, and a new service begins with them."""
    engines = Engines(console.home)
    run_id = _make(console)
    duty = RunsDuty(console.post(), engines.make)
    await duty.attend(console.look())
    await _until(lambda: duty.in_work == 1)
    await duty.end()
    assert duty.in_work == 0
    following = RunsDuty(console.post(), engines.make)
    await following.attend(console.look())
    await _until(lambda: engines.begun == [run_id, run_id])
    await following.end()
