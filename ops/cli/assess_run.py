"""A scan on the command line: stopped by signals, its progress on a terminal."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from fleet.machines import Machine
from fleet.name_lists import some_of
from ops.assess import BatchResult, FleetOptions, assess_fleet
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.cli.signals import heeded_signals
from ops.cli.terminal import is_terminal, say
from ops.home import Home

_NAMES_SHOWN = 3


async def run_scan(home: Home, machines: Sequence[Machine], options: FleetOptions) -> BatchResult:
    """Assesses ``machines`` with progress; Ctrl-C, SIGTERM and SIGHUP stop it, and what has come in is stored."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    heeded = heeded_signals()
    for number in heeded:
        loop.add_signal_handler(number, _stop, stop)
    try:
        with _progress(sum(machine.enabled for machine in machines)) as on_event:
            return await assess_fleet(home, machines, options, on_event, stop=stop, asked=True)
    finally:
        for number in heeded:
            loop.remove_signal_handler(number)


def _stop(stop: asyncio.Event) -> None:
    if not stop.is_set():
        say("Stopping: storing what has come in …")
        stop.set()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[AssessEvent], None]]:
    """What is told while a scan runs: a bar on a terminal, nothing elsewhere."""
    if not is_terminal(2) or not total:
        yield lambda _event: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total)
        running: dict[str, None] = {}
        failed = 0

        def show(event: AssessEvent) -> None:
            nonlocal failed
            match event:
                case MachineStarted(machine):
                    running[machine.name] = None
                case MachineFinished(machine, assessment, done, total):
                    running.pop(machine.name, None)
                    failed += assessment.failure is not None
                    progress.update(task, completed=done, total=total)
                case BatchCommitted():
                    return
            progress.update(task, description=_describe(list(running), failed))

        yield show


def _describe(running: list[str], failed: int) -> str:
    return f"{f'{failed} failed; ' if failed else ''}{some_of(running, _NAMES_SHOWN)}"
