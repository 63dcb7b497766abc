"""A bounded fan-out: many machines, few at once, stoppable at any moment without losing what has come in."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from fleet.machines import Machine
from ops.assess_limits import StartPace

# How long machines in work may take to let go when a scan is stopped; after that we go on without them.
LET_GO_SECONDS = 5.0


async def fan_out(
    machines: Iterable[Machine],
    work: Callable[[Machine], Awaitable[None]],
    *,
    concurrency: int,
    pace: StartPace,
    stop: asyncio.Event,
) -> None:
    """Does ``work`` for each machine, at most ``concurrency`` at once, until done or until ``stop`` is set.

    When stopped, or cancelled itself, no machine is begun any more and those in work are cancelled. What ``work``
    raises ends the fan-out and is raised.
    """
    waiting = iter(machines)

    async def worker() -> None:
        for machine in waiting:
            await pace.wait()
            await work(machine)

    workers = [asyncio.create_task(worker()) for _ in range(concurrency)]
    stopped = asyncio.create_task(stop.wait())
    try:
        await _all_done_or_first(workers, stopped)
    finally:
        stopped.cancel()
        await _let_go(workers)
    for task in workers:
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error


async def _all_done_or_first(workers: list[asyncio.Task[None]], stopped: asyncio.Task[bool]) -> None:
    running = set(workers)
    while running and not stopped.done():
        done, _ = await asyncio.wait({*running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        running -= {task for task in done if task is not stopped}
        if any(task.exception() for task in done if task is not stopped and not task.cancelled()):
            return


async def _let_go(workers: list[asyncio.Task[None]]) -> None:
    unfinished = [task for task in workers if not task.done()]
    for task in unfinished:
        task.cancel()
    if unfinished:
        await asyncio.wait(unfinished, timeout=LET_GO_SECONDS)
