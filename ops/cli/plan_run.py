"""A preview on the command line: stopped by signals, its progress on a terminal."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.hostile import clean
from ops.assess import FleetOptions
from ops.cli.signals import heeded_signals
from ops.cli.terminal import is_terminal, say
from ops.deployments.planning import MachinePlanned
from ops.deployments.preview import PlanNote, PreviewEvent, preview_deployment
from ops.home import Home


@dataclass(frozen=True, slots=True)
class MadePlan:
    """The plan, what is to be said of it, and whether somebody ended the planning early."""

    plan: Plan
    notes: tuple[str, ...]
    is_interrupted: bool


def run_preview(home: Home, deployment: Deployment, options: FleetOptions, machines: int) -> MadePlan:
    """The plan of ``deployment`` now, over its ``machines``, with progress; Ctrl-C, SIGTERM and SIGHUP end it early.

    Raises:
        BadInput: a target or a wave that cannot be used.
    """
    return asyncio.run(_preview(home, deployment, options, machines))


async def _preview(home: Home, deployment: Deployment, options: FleetOptions, machines: int) -> MadePlan:
    notes: list[str] = []
    with stopped_by_signals("Stopping: what is planned by now is shown …") as stop, _progress(machines) as show:

        def take(event: PreviewEvent) -> None:
            if isinstance(event, PlanNote):
                notes.append(clean(event.text))
            else:
                show(event)

        plan = await preview_deployment(home, deployment, options, take, stop=stop)
        return MadePlan(plan, tuple(notes), stop.is_set())


@contextmanager
def stopped_by_signals(words: str) -> Iterator[asyncio.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set, saying ``words``; for the running event loop."""
    stop, loop, heeded = asyncio.Event(), asyncio.get_running_loop(), heeded_signals()

    def end() -> None:
        if not stop.is_set():
            say(words)
            stop.set()

    for number in heeded:
        loop.add_signal_handler(number, end)
    try:
        yield stop
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)


@contextmanager
def _progress(machines: int) -> Iterator[Callable[[MachinePlanned], None]]:
    """What is told while machines are planned: a bar on a terminal, nothing elsewhere."""
    if not is_terminal(2):
        yield lambda _event: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("assessing", total=machines)
        yield lambda event: progress.update(task, completed=event.done, description=clean(event.machine_name))
