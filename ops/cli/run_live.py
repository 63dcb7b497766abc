"""A run on a terminal while it goes on: a few lines that are drawn anew, and what happened above them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.deployments.runs import MachineRunStatus
from fleet.hostile import clean
from ops.cli.run_event_text import EventLines, step_text
from ops.cli.run_texts import counts_text, format_seconds
from ops.cli.text_table import TextColumn, lay_out
from ops.cli.values import count_of
from ops.deployments.events import MachineLog, MachineProgress, MachineStepBegan, RunEvent
from ops.deployments.run_picture import MachineInWork, RunPicture

if TYPE_CHECKING:
    from rich.text import Text

_LINES_FOR_OTHERS = 4
_FEWEST_MACHINES = 3


def picture_lines(picture: RunPicture, now: datetime, *, width: int, height: int) -> list[str]:
    """The run at ``now``: one line of the whole, then the machines in work, the longest at their step first."""
    shown = max(_FEWEST_MACHINES, height - _LINES_FOR_OTHERS)
    in_work = sorted(picture.in_work.values(), key=lambda machine: (machine.since, machine.name))
    lines = [_headline(picture)]
    if in_work:
        lines += lay_out(_columns(in_work[:shown], now), width=width).lines[1:]
    if len(in_work) > shown:
        lines.append(f"and {len(in_work) - shown} more in work")
    if picture.waits_for:
        lines.append(clean(f"waits: {picture.waits_for}"))
    return lines


@contextmanager
def live_view(clock: Callable[[], datetime] | None) -> Iterator[Callable[[Sequence[RunEvent]], None]]:
    """Shows events on the terminal of standard output: what happened scrolls by, below it the picture is redrawn.

    Without a ``clock`` it is always the time of the last event, as in a replay.
    """
    from rich.console import Console
    from rich.live import Live

    console = Console(highlight=False, markup=False)
    picture, told = RunPicture(), EventLines()

    def draw() -> "Text":
        from rich.text import Text

        size = console.size
        now = clock() if clock else picture.at
        if now is None:
            return Text("")
        return Text("\n".join(picture_lines(picture, now, width=size.width - 1, height=size.height // 2)))

    with Live(get_renderable=draw, console=console, refresh_per_second=4, transient=True) as live:

        def show(events: Sequence[RunEvent]) -> None:
            for event in events:
                picture.take(event)
                line = None if isinstance(event, _PROGRESS) else told.line(event)
                if line is not None:
                    console.print(line, markup=False, highlight=False)
            live.refresh()

        yield show


_PROGRESS = (MachineProgress, MachineStepBegan, MachineLog)


def _headline(picture: RunPicture) -> str:
    counts = {status: picture.count(status) for status in MachineRunStatus}
    parts = [f"{picture.deployment or 'The run'}: {picture.status.value}"]
    if picture.wave is not None:
        parts.append(f"wave {picture.wave + 1} of {max(picture.waves, picture.wave + 1)}")
    if picture.machines is not None:
        parts.append(f"{len(picture.over)} of {count_of(picture.machines, 'machine')} over")
    said = counts_text(counts)
    return clean(", ".join(parts) + (f" ({said})" if said else ""))


def _round_text(machine: MachineInWork) -> str:
    return f"round {machine.round}: " if machine.round > 1 else ""


def _columns(machines: Sequence[MachineInWork], now: datetime) -> list[TextColumn]:
    return [
        TextColumn("", [clean(machine.name) for machine in machines]),
        TextColumn("", [f"{_round_text(machine)}{step_text(machine.step)}" for machine in machines]),
        TextColumn("", ["" if each.percent is None else f"{each.percent:.0f}%" for each in machines], is_number=True),
        TextColumn("", [clean(f"{machine.doing} {machine.package}") for machine in machines]),
        TextColumn("", [format_seconds(max(0.0, (now - each.since).total_seconds())) for each in machines], True),
    ]
