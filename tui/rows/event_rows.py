"""Events of a run as rows, and those of one machine as the steps that it took."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from fleet.hostile import clean
from ops.cli.run_event_text import event_text, step_text
from ops.cli.run_texts import format_seconds
from ops.deployments import events
from ops.deployments.run_logs import CommandLine
from tui.rows.run_machine_rows import MACHINE_RUN_TONES
from tui.tones import Tone
from tui.widgets.rows import Row, TableColumn

EVENT_COLUMNS = (
    TableColumn("time", "Time", most=9, least=9, priority=0),
    TableColumn("what", "What happened", most=400, least=30, priority=1),
)
STEP_COLUMNS = (
    TableColumn("time", "Began", most=9, least=9, priority=0),
    TableColumn("took", "Took", most=12, least=8, is_number=True, priority=1),
    TableColumn("what", "What", most=400, least=30, priority=1),
)
LOG_COLUMNS = (
    TableColumn("number", "Line", most=7, least=5, is_number=True, priority=0),
    TableColumn("text", "What the package manager printed", most=1_000, least=30, priority=1),
)
COMMAND_COLUMNS = (
    TableColumn("time", "Ended", most=9, least=9, priority=0),
    TableColumn("took", "Took", most=10, least=8, is_number=True, priority=1),
    TableColumn("ended", "How", most=10, least=7, priority=1),
    TableColumn("command", "Command", most=1_000, least=30, priority=1),
)
_BAD = (events.GateFailed, events.BudgetExhausted)
_ASKED = (events.RunPaused, events.RunCancelled, events.RunResumed)


def event_rows(told: Sequence[events.RunEvent]) -> list[Row]:
    """A row for each event, in order."""
    return [
        Row(str(number), (clock_text(event.at), event_text(event) or ""), (Tone.DIM, _tone(event)))
        for number, event in enumerate(told)
    ]


def step_rows(told: Sequence[events.RunEvent]) -> list[Row]:
    """The steps of a machine with how long each took, what was said meanwhile, and how it ended."""
    rows = []
    for number, event in enumerate(told):
        seconds = _seconds(event, told[number + 1 :]) if isinstance(event, events.MachineStepBegan) else None
        if isinstance(event, events.MachineStepBegan):
            text, tone = step_text(event.step), Tone.STRONG
        else:
            # The name of the machine stands on the screen already.
            text, tone = (event_text(event) or "").partition(": ")[2], _tone(event)
        cells = (clock_text(event.at), format_seconds(seconds), clean(text))
        rows.append(Row(str(number), cells, (Tone.DIM, Tone.NORMAL, tone), (event.at, seconds, text)))
    return rows


def log_rows(lines: Iterable[str], left_out_bytes: int) -> list[Row]:
    """The lines of a log, numbered; from a place after its beginning on, from there."""
    rows = [
        Row(str(number), (str(number), line.rstrip()), (Tone.DIM, _log_tone(line)))
        for number, line in enumerate(lines, start=1)
    ]
    if left_out_bytes:
        told = f"… {left_out_bytes:,} bytes before this; patchdeck deployments logs has all of it"
        rows.insert(0, Row("0", ("", told), (Tone.DIM, Tone.DIM)))
    return rows


def command_rows(commands: Iterable[CommandLine]) -> list[Row]:
    """The remote commands of a machine, in the order in which they ended."""
    rows = []
    for number, command in enumerate(commands):
        seconds = "" if command.seconds is None else f"{command.seconds:.1f} s"
        cells = (command.at[11:19], seconds, clean(command.ended), clean(command.command))
        ended = Tone.GOOD if command.ended == "exit 0" else Tone.PENDING
        rows.append(Row(str(number), cells, (Tone.DIM, Tone.NORMAL, ended, Tone.NORMAL)))
    return rows


def command_texts(commands: Iterable[CommandLine]) -> list[str]:
    """The remote commands as lines: ``02:31:07 exit 0  1.2 s  apt-get …``."""
    return ["  ".join(row.cells[index] for index in (0, 2, 1, 3)) for row in command_rows(commands)]


def clock_text(moment: datetime) -> str:
    """``02:31:07Z``."""
    return f"{moment.astimezone(UTC):%H:%M:%S}Z"


def _seconds(event: events.MachineStepBegan, after: Sequence[events.RunEvent]) -> float | None:
    ends = (each.at for each in after if isinstance(each, events.MachineStepBegan | events.MachineOver))
    ended = next(ends, None)
    return None if ended is None else (ended - event.at).total_seconds()


def _tone(event: events.RunEvent) -> Tone:
    if isinstance(event, events.MachineOver):
        return MACHINE_RUN_TONES[event.status]
    if isinstance(event, _BAD):
        return Tone.BAD
    if isinstance(event, _ASKED):
        return Tone.PENDING
    if isinstance(event, events.RunOver):
        return Tone.STRONG
    return Tone.ACCENT if isinstance(event, events.WaveBegan) else Tone.NORMAL


def _log_tone(line: str) -> Tone:
    words = line[:200].casefold()
    if words.startswith(("e:", "error", "fatal", "dpkg: error")) or " error " in words:
        return Tone.BAD
    return Tone.PENDING if words.startswith(("w:", "warning")) else Tone.NORMAL
