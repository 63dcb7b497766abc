"""A bounded fan-out: many machines, few at once, stoppable at any moment without losing what has come in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator

from fleet.machines import Machine
from ops.assess_limits import Crowd, StartPace

# How long machines in work may take to let go when a scan is stopped; after that we go on without them.
LET_GO_SECONDS = 5.0


async def fan_out(
    machines: Iterable[Machine],
    work: Callable[[Machine], Awaitable[None]],
    *,
    crowd: Crowd,
    pace: StartPace,
    stop: asyncio.Event,
) -> None:
    """Does ``work`` for each machine, as many at once as ``crowd`` says, until done or until ``stop`` is set.

    When stopped, or cancelled itself, no machine is begun any more and those in work are cancelled. What ``work``
    raises ends the fan-out and is raised.
    """
    crew = _Crew(iter(machines), work, crowd, pace)
    for _ in range(crowd.usual):
        crew.hire()
    ends = [asyncio.create_task(stop.wait()), asyncio.create_task(crew.over.wait())]
    try:
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for end in ends:
            end.cancel()
        await _let_go(list(crew.workers))
    if crew.error is not None:
        raise crew.error


class _Crew:
    """Workers that go through the machines together; ``over`` is set when all are done or one has failed."""

    def __init__(
        self,
        machines: Iterator[Machine],
        work: Callable[[Machine], Awaitable[None]],
        crowd: Crowd,
        pace: StartPace,
    ) -> None:
        self.workers: dict[asyncio.Task[None], None] = {}  # in the order hired
        self.over = asyncio.Event()
        self.error: BaseException | None = None
        self._machines = machines
        self._work = work
        self._crowd = crowd
        self._pace = pace

    def hire(self) -> None:
        """One more worker."""
        worker = asyncio.create_task(self._go_through())
        self.workers[worker] = None
        worker.add_done_callback(self._note_end)

    async def _go_through(self) -> None:
        for machine in self._machines:
            await self._pace.wait()
            if await self._do(machine):
                return

    async def _do(self, machine: Machine) -> bool:
        """Does the work for ``machine``; whether another worker has meanwhile been hired in the place of this one."""
        is_relieved = False

        def relieve() -> None:
            nonlocal is_relieved
            if len(self.workers) < self._crowd.most:
                is_relieved = True
                self.hire()

        late = asyncio.get_running_loop().call_later(self._crowd.patience_seconds, relieve)
        try:
            await self._work(machine)
        finally:
            late.cancel()
        return is_relieved

    def _note_end(self, worker: asyncio.Task[None]) -> None:
        self.workers.pop(worker, None)
        if not worker.cancelled() and worker.exception() is not None:
            self.error = self.error or worker.exception()
        if self.error is not None or not self.workers:
            self.over.set()


async def _let_go(workers: list[asyncio.Task[None]]) -> None:
    unfinished = [task for task in workers if not task.done()]
    for task in unfinished:
        task.cancel()
    if unfinished:
        await asyncio.wait(unfinished, timeout=LET_GO_SECONDS)
