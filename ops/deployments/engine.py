"""A run from its beginning, or from where a process left it, to its end; what is done in it is `run_work`'s."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fleet.deployments.runs import Run
from ops.config import Settings, load_settings
from ops.deployments.clock import SteadyClock, seconds_since_boot
from ops.deployments.context import RunContext, WorkerMaker
from ops.deployments.events import RunEvent, RunNote
from ops.deployments.folder import run_folder
from ops.deployments.ledger import Ledger
from ops.deployments.run_desk import RunDesk
from ops.deployments.run_work import RunWork
from ops.home import Home
from ops.logs import log_event
from ops.state.audit import utc_now

_LAST_WRITES_SECONDS = 5.0


def _ignore(event: object) -> None:
    del event


class RunEngine:
    """Works on one run of ``home``. One process works on a run at a time: whoever holds the service's lease.

    Setting ``stop`` leaves the run where it is; machines go on with their jobs, and the next engine with the run.
    ``on_event`` is called in the event loop's thread and must not block. ``clock`` is read once, from then on
    ``monotonic`` counts. ``on_step`` is told before and after each write, in any thread. With ``token`` nothing is
    written, and so nothing begun, once another service has the lease. Without ``settings`` those of the home are read.
    """

    def __init__(
        self,
        home: Home,
        run_id: str,
        make_worker: WorkerMaker,
        clock: Callable[[], datetime] = utc_now,
        stop: asyncio.Event | None = None,
        on_event: Callable[[RunEvent], None] = _ignore,
        *,
        settings: Settings | None = None,
        token: str = "",
        monotonic: Callable[[], float] = seconds_since_boot,
        on_step: Callable[[str], None] = _ignore,
    ) -> None:
        self._home = home
        self._run_id = run_id
        self._make_worker = make_worker
        self._settings = settings or load_settings(home)
        self._token = token
        self._stop = stop or asyncio.Event()
        self._on_event = on_event
        self._on_step = on_step
        self._clock = SteadyClock(clock, monotonic)
        self._context: RunContext | None = None

    async def run(self) -> Run:
        """Begins or resumes the run; the run as it is when it is over, or when ``stop`` was set.

        Raises:
            UnknownName: there is no such run.
            HomeUnusable: the state cannot be read.
            LeaseGone: another service works for the home.
        """
        ledger = Ledger(self._home, self._clock, self._say, self._on_step, self._token)
        try:
            run = await ledger.read(lambda book: book.find(self._run_id))
            if run.status.is_over:
                return run
            context = RunContext(
                self._home,
                run.id,
                run.deployment,
                run.opens_at,
                run.closes_at,
                self._clock,
                ledger,
                run_folder(self._home, run.id),
                self._make_worker,
                self._on_event,
                self._settings,
                run.required_plan,
            )
            self._context = context
            journal = await ledger.read(lambda book: book.journal(run.id))
            desk = RunDesk(context, run)
            await self._work_until_stopped(RunWork(desk, journal, self._on_step))
            await ledger.settled(within_seconds=_LAST_WRITES_SECONDS)
            context.write_events()
            return desk.run
        finally:
            await ledger.close()

    async def _work_until_stopped(self, work: RunWork) -> None:
        main = asyncio.create_task(work.go())
        beside = [asyncio.create_task(work.desk.watch()), asyncio.create_task(work.store_results())]
        stopped = asyncio.create_task(self._stop.wait())
        everything: list[asyncio.Task[Any]] = [main, *beside, stopped]
        try:
            await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
            for task in (main, *beside):
                if task.done():
                    task.result()
        finally:
            for task in everything:
                task.cancel()
            await asyncio.wait(everything)

    def _say(self, text: str) -> None:
        log_event("run says", run=self._run_id, what=text)
        if self._context is not None:
            self._context.tell(RunNote(self._clock(), text))
