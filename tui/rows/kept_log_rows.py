"""Logs that are kept of a machine, and the lines of one of them, as rows."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.hostile import clean, scrub
from tui.rows.ages import describe_age, describe_bytes, describe_time
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:  # with all that runs are: not before a machine is looked at
    from ops.machine_logs import MachineLog

LOGS_COLUMNS = (
    TableColumn("time", "Time", most=17, least=17, priority=0),
    TableColumn("of", "Of", most=11, least=10, priority=2),
    TableColumn("about", "About", most=80, least=20, priority=0),
    TableColumn("size", "Size", most=10, least=8, is_number=True, priority=1),
    TableColumn("age", "Age", most=9, least=6, priority=4),
    TableColumn("id", "Log", most=30, least=23, priority=5),
)
LINE_COLUMNS = (TableColumn("text", "What it printed", most=1_000, least=30, priority=0),)


def logs_rows(logs: "Iterable[MachineLog]", now: datetime) -> list[Row]:
    """A row for each log, latest first."""
    rows = []
    for log in logs:
        age, size = describe_age(log.at, now), describe_bytes(log.size_bytes)
        cells = (describe_time(log.at), log.kind.value, clean(log.about), size, age, clean(log.id))
        tones = (Tone.NORMAL, Tone.DIM, Tone.NORMAL, Tone.NORMAL, Tone.DIM, Tone.DIM)
        rows.append(Row(log.id, cells, tones, (log.at, *cells[1:3], log.size_bytes, log.at, cells[5])))
    return rows


def describe_log(row: Row) -> list[tuple[Piece, ...]]:
    """Which log it is, and how to read it."""
    time, of, about, size, _, id_ = row.cells
    head = (Piece(time, Tone.STRONG), Piece(about), Piece(size, Tone.DIM))
    return [head, (Piece(f"Raw output, {of} {id_};", Tone.DIM), Piece("enter", Tone.KEY), Piece("reads it"))]


def line_rows(lines: Iterable[str], first_byte: int) -> list[Row]:
    """The lines of a page that begins at ``first_byte``; their keys hold when earlier pages come before them."""
    return [Row(f"{first_byte}:{number}", (scrub(line.rstrip()),)) for number, line in enumerate(lines)]
