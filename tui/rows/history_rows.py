"""What happened to one machine, newest first: assessments, updates, runs, reboots, failures, and who changed it."""

from collections.abc import Sequence
from datetime import datetime

from fleet.hostile import clean, clean_name
from ops.machine_events import MachineEvent
from tui.rows.ages import describe_age, describe_time
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

HISTORY_COLUMNS = (
    TableColumn("time", "Time", most=17, least=17, priority=0),
    TableColumn("event", "Event", most=16, least=10, priority=1),
    TableColumn("what", "What", most=160, least=20, priority=1),
    TableColumn("by", "By", most=16, least=6, priority=3, is_sparse=True),
    TableColumn("age", "Age", most=9, least=6, priority=4),
)
_TONES = {
    "succeeded": Tone.GOOD,
    "incomplete": Tone.PENDING,
    "failed": Tone.BAD,
    "needed": Tone.PENDING,
    "installed": Tone.GOOD,
    "rebooted": Tone.REBOOT,
    "install failed": Tone.BAD,
    "run failed": Tone.BAD,
    "run unreachable": Tone.BAD,
    "run out of window": Tone.PENDING,
    "run succeeded": Tone.GOOD,
}


def history_rows(events: Sequence[MachineEvent], now: datetime) -> list[Row]:
    """A row for each event; its key is its place in ``events``."""
    return [_row(number, event, now) for number, event in enumerate(events)]


def describe_event(row: Row) -> list[tuple[Piece, ...]]:
    """All of the event in ``row``."""
    time, event, what, by, age = row.cells
    who = (Piece("by", Tone.DIM), Piece(by)) if by else ()
    return [(Piece(time, Tone.STRONG), Piece(event, row.tones[1]), *who, Piece(age, Tone.DIM)), (Piece(what),)]


def _row(number: int, event: MachineEvent, now: datetime) -> Row:
    word = clean_name(event.event)
    cells = (describe_time(event.at), word, clean(event.what), clean_name(event.by), describe_age(event.at, now))
    order = (event.at, word, cells[2].casefold(), cells[3].casefold(), event.at)
    tone = Tone.ACCENT if event.by else _TONES.get(word, Tone.DIM)
    return Row(str(number), cells, (Tone.NORMAL, tone, Tone.NORMAL, Tone.DIM, Tone.DIM), order)
