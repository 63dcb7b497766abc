"""The duty of runs: works on each open run in a task of its own, and takes up those that an earlier service left."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from fleet.deployments.runs import Run
from fleet.errors import PatchdeckError
from ops.config import Settings
from ops.deployments.history import OPEN_STATUSES
from ops.logs import log_error, log_event
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.service.open_runs import Broken, choose_runs
from ops.state.database import opened
from ops.state.runs import RunAction, RunBook

_FIRST_AGAIN = timedelta(minutes=1)
_LONGEST_AGAIN = timedelta(minutes=30)


class Engine(Protocol):
    """What works on a run: `ops.deployments.engine.RunEngine`."""

    async def run(self) -> Run:
        """Begins or resumes the run, and returns when it is over, or soon after ``stop`` was set."""
        ...


EngineMaker = Callable[[str, asyncio.Event, Settings], Engine]


class RunsDuty:
    """Works on runs. ``make_engine`` gives what works on the run of an id until the event is set, with the settings of
    when it was taken up.
    """

    name = "runs"

    def __init__(self, post: Post, make_engine: EngineMaker) -> None:
        self._post = post
        self._make_engine = make_engine
        self._stop = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._began: dict[str, Activity] = {}
        self._broken: dict[str, Broken] = {}
        self._waiting: tuple[Run, ...] = ()

    @property
    def in_work(self) -> int:
        """How many runs are worked on now."""
        return len(self._tasks)

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: begins the runs whose time has come."""
        runs, asked, cancelled = await asyncio.to_thread(self._read)
        self._broken = {run.id: self._broken[run.id] for run in runs if run.id in self._broken}
        choice = choose_runs(
            runs,
            in_work=self._tasks.keys(),
            asked=asked,
            cancelled=cancelled,
            broken=self._broken,
            most=look.settings.service_runs_at_once,
            now=look.now,
        )
        self._waiting = choice.waiting
        for run in choice.begin:
            self._begin(run, look)
        return choice.next_at

    def activities(self) -> Sequence[Activity]:
        """The runs that are worked on."""
        return list(self._began.values())

    def troubles(self) -> Sequence[Trouble]:
        """Runs that broke off, and those that wait for room."""
        return [
            *(Trouble(self.name, f"run {run_id} broke off: {each.error}") for run_id, each in self._broken.items()),
            *(Trouble(self.name, f"run {run.id} waits for another to end") for run in self._waiting),
        ]

    async def end(self) -> None:
        """See `Duty`: machines go on by themselves, the next service takes the runs up."""
        self._stop.set()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    def _read(self) -> tuple[Sequence[Run], frozenset[str], frozenset[str]]:
        with opened(self._post.home.state_file) as connection:
            book = RunBook(connection)
            runs, requests = book.list(statuses=OPEN_STATUSES), book.open_requests()
        cancelled = frozenset(each.run_id for each in requests if each.action is RunAction.CANCEL)
        return runs, frozenset(each.run_id for each in requests), cancelled

    def _begin(self, run: Run, look: Look) -> None:
        if self._stop.is_set():
            return
        log_event("run taken up", run=run.id, deployment=run.deployment.name, status=run.status)
        text = f"works on run {run.id} of {run.deployment.name}"
        self._began[run.id] = Activity(self.name, text, look.now)
        self._tasks[run.id] = asyncio.create_task(self._work(run.id, look.settings))

    async def _work(self, run_id: str, settings: Settings) -> None:
        try:
            run = await self._make_engine(run_id, self._stop, settings).run()
            log_event("run left", run=run.id, status=run.status)
            self._check_over(run)
            self._broken.pop(run_id, None)
        # The edge of a run's task: whatever broke it, the other runs go on, and it is taken up again.
        except Exception as error:  # noqa: BLE001
            self._note_broken(run_id, error)
        finally:
            self._tasks.pop(run_id, None)
            self._began.pop(run_id, None)
            self._post.look_again()

    def _check_over(self, run: Run) -> None:
        """A run that is left before it is over, although nobody asked, must not be taken up in a busy loop."""
        if not run.status.is_over and not self._stop.is_set():
            raise PatchdeckError(f"it was left as {run.status.value}")

    def _note_broken(self, run_id: str, error: Exception) -> None:
        log_error("run broke off", error, run=run_id)
        times = self._broken[run_id].times + 1 if run_id in self._broken else 1
        wait = min(_LONGEST_AGAIN, _FIRST_AGAIN * 2 ** min(times - 1, 10))
        text = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
        self._broken[run_id] = Broken(times, self._post.clock() + wait, text)
