"""Reaching the machines of a scan from one process: each gives its assessment as soon as it has come."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.assessments import Assessment
from fleet.machines import Machine
from ops.assess_fan_out import fan_out
from ops.assess_limits import StartPace, crowd_of, default_starts_per_second
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

        await fan_out(
            machines,
            work,
            crowd=crowd_of(concurrency, len(machines), processes),
            pace=StartPace(default_starts_per_second() / processes),
            stop=stop,
        )
