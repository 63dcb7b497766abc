"""Coming starts as rows: when in UTC and where they are, whose, until when, and which others they meet."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fleet.deployments.durations import describe_span
from fleet.deployments.start_calendar import CalendarStart, Scheduled
from fleet.hostile import clean
from ops.cli.calendar_listing import meetings_text
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

CALENDAR_COLUMNS = (
    TableColumn("utc", "Start, UTC", most=16, least=16, priority=0),
    TableColumn("name", "What starts", most=40, least=12, priority=0, least_of_long=22),
    TableColumn("there", "There", most=28, least=24, priority=2),
    TableColumn("ends", "Ends, UTC", most=13, least=12, priority=3),
    TableColumn("machines", "Machines", is_number=True, priority=4),
    TableColumn("meets", "Meets", most=40, least=6, priority=1, is_sparse=True),
    TableColumn("note", "Note", most=80, least=7, priority=1, is_sparse=True),
)


def calendar_rows(starts: Sequence[CalendarStart]) -> list[Row]:
    """A row for each start, in the order given; its key is its name and instant."""
    return [_row(each) for each in starts]


def key_of(each: CalendarStart) -> str:
    """What tells a start from all others."""
    return f"{each.kind.value} {each.name} {each.start.at.isoformat()}"


def describe_start(each: CalendarStart, now: datetime) -> list[tuple[Piece, ...]]:
    """All of a start, what is unusual of it first."""
    start = each.start
    lines: list[tuple[Piece, ...]] = []
    if each.meetings:
        lines.append(
            (
                Piece("Its window is open together with:", Tone.PENDING),
                Piece(meetings_text(each.meetings)),
                Piece("on as many of the same machines.", Tone.DIM),
            )
        )
    lines += [(Piece(text, Tone.PENDING),) for text in (start.skipped, start.moved_from) if text]
    when = labelled("starts", f"{start.local} ({clean(each.zone)}), {_utc(start.at)} UTC")
    lines.append((Piece(each.name, Tone.STRONG), *when, *labelled("in", describe_span(start.at - now))))
    if each.kind is Scheduled.DEPLOYMENT:
        machines = "not known on how many machines" if each.machines is None else f"{each.machines:,} machines now"
        lines.append((*labelled("Its window ends", f"{_utc(each.closes_at)} UTC;"), Piece(machines)))
    return lines


def _row(each: CalendarStart) -> Row:
    start, is_report = each.start, each.kind is Scheduled.REPORT
    notes = [text for text in ("skipped: " + start.skipped if start.skipped else "", start.moved_from) if text]
    cells = (
        _utc(start.at),
        f"report {each.name}" if is_report else each.name,
        start.local,
        "" if is_report else f"{each.closes_at.astimezone(UTC):%d %b %H:%M}",
        "" if is_report else "?" if each.machines is None else f"{each.machines:,}",
        meetings_text(each.meetings),
        "; ".join(notes),
    )
    gone = Tone.OFFLINE if start.skipped else Tone.NORMAL
    tones = (gone, Tone.OFFLINE if start.skipped else Tone.STRONG, gone, Tone.DIM, gone, Tone.PENDING, Tone.PENDING)
    order = (start.at, cells[1].casefold(), start.at, each.closes_at, each.machines, len(each.meetings), cells[6])
    return Row(key_of(each), cells, tones, order)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%a %d %b %H:%M}"
