"""Reaching the machines of a scan from one process: each gives its assessment as soon as it has come."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.assessments import Assessment
from fleet.machines import Machine, TransportKind
from ops.assess_fan_out import fan_out
from ops.assess_limits import Crowd, StartPace, crowd_of, default_starts_per_second, waiting_crowd
from ops.assess_one import assess_one
from ops.home import Home
from ops.reach import locate_transcript, open_ssh

if TYPE_CHECKING:
    from collectors.assess import AssessOptions


async def reach_machines(
    home: Home,
    machines: Sequence[Machine],
    options: "AssessOptions",
    *,
    concurrency: int | None,
    on_begun: Callable[[Machine], None],
    on_done: Callable[[Machine, Assessment], None],
    stop: asyncio.Event,
    clock: Callable[[], datetime],
    processes: int = 1,
) -> None:
    """Assesses ``machines``, as many at once as ``concurrency`` or the limits of this machine say, until ``stop``.

    ``processes`` is how many do so together: limits that nobody asked for are shared among them.
    """
    async with open_ssh(home, options.secrets) as ssh:

        async def work(machine: Machine) -> None:
            on_begun(machine)
            on_done(machine, await assess_one(locate_transcript(home, machine), ssh, options, clock))

        async def wait_and_work(machine: Machine) -> None:
            async with ssh.winrm.turn():  # before its time begins: there are no more threads than turns
                await work(machine)

        def work_for(machine: Machine) -> Awaitable[None]:
            return wait_and_work(machine) if machine.transport is TransportKind.WINRM else work(machine)

        pace = StartPace(default_starts_per_second() / processes)
        crews = _crews(machines, concurrency, processes)
        await _together([fan_out(crew, work_for, crowd=crowd, pace=pace, stop=stop) for crew, crowd in crews])


def _crews(
    machines: Sequence[Machine], concurrency: int | None, processes: int
) -> Iterator[tuple[Sequence[Machine], Crowd]]:
    """Who is reached beside whom, and how many at once: machines that are waited for in threads hold up no others."""
    if concurrency is not None:
        yield machines, crowd_of(concurrency, len(machines), processes)
        return
    waiting = [machine for machine in machines if machine.transport is TransportKind.WINRM]
    others = [machine for machine in machines if machine.transport is not TransportKind.WINRM]
    if waiting:
        yield waiting, waiting_crowd(len(waiting))
    if others or not waiting:
        yield others, crowd_of(None, len(others), processes, len(waiting))


async def _together(runs: Sequence[Coroutine[None, None, None]]) -> None:
    """All of ``runs``; what one raises ends the others, and is raised."""
    tasks = [asyncio.create_task(run) for run in runs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
