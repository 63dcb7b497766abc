"""How the fleet changed between two instants, as rows, tabs and a title."""

from collections.abc import Sequence
from datetime import UTC, datetime

from fleet.differences.telling import FleetDifference, Line, Subject, Told
from fleet.hostile import clean, clean_name
from tui.rows.ages import describe_time
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

DIFF_COLUMNS = (
    TableColumn("machine", "Machine", most=32, least=10, priority=0),
    TableColumn("event", "What became", most=24, least=20, priority=1),
    TableColumn("what", "Of what", most=60, least=12, priority=2),
    TableColumn("before", "Before", most=34, least=10, priority=4),
    TableColumn("after", "After", most=34, least=13, priority=3),
    TableColumn("by", "By", most=24, least=17, priority=5),
    TableColumn("when", "When", most=17, least=17, priority=6),
)
_TONES = {
    Told.BECAME_COMPLIANT: Tone.GOOD,
    Told.INSTALLED: Tone.GOOD,
    Told.BECAME_NON_COMPLIANT: Tone.BAD,
    Told.FAILED_ASSESSMENT: Tone.BAD,
    Told.APPEARED: Tone.PENDING,
    Told.REBOOTED: Tone.REBOOT,
    Told.REBOOT_DUE: Tone.REBOOT,
}
TABS: tuple[Subject | None, ...] = (None, *Subject)


def lines_of(found: FleetDifference, tab: int) -> Sequence[Line]:
    """The lines of the tab, all in the first."""
    subject = TABS[tab]
    return found.lines if subject is None else found.of(subject)


def diff_rows(lines: Sequence[Line]) -> list[Row]:
    """A row for each thing that differs; its key is its place."""
    return [_row(number, line) for number, line in enumerate(lines)]


def tab_names(found: FleetDifference) -> list[str]:
    """The tabs, each with how much is in it."""
    return [f"{(subject or 'all').capitalize()} {len(lines_of(found, tab)):,}" for tab, subject in enumerate(TABS)]


def span_text(since: datetime, until: datetime) -> str:
    """The two instants, to the minute: ``2026-11-12 15:00Z to 15:02Z``."""
    begins, ends = (each.astimezone(UTC) for each in (since, until))
    day = "" if begins.date() == ends.date() else f"{ends:%Y-%m-%d} "
    return f"{begins:%Y-%m-%d %H:%M}Z to {day}{ends:%H:%M}Z"


def count_facts(found: FleetDifference) -> list[Piece]:
    """What was, and what is: compliant of those assessed, and what is missing."""
    before, after = found.before, found.after
    compliant = f"compliant {before.compliant:,} of {before.assessed:,} → {after.compliant:,} of {after.assessed:,}"
    missing = f"missing {len(before.updates):,} → {len(after.updates):,}"
    machines = f"machines {len(before.machines):,} → {len(after.machines):,}"
    return [Piece(each, Tone.DIM) for each in (compliant, missing, machines)]


def _row(number: int, line: Line) -> Row:
    cells = (
        clean_name(line.machine_name),
        line.told.value,
        clean(line.what),
        clean_name(line.before),
        clean_name(line.after),
        clean_name(line.by),
        describe_time(line.at) if line.at else "",
    )
    tones = (Tone.STRONG, _TONES.get(line.told, Tone.NORMAL), *[Tone.NORMAL] * 3, Tone.DIM, Tone.DIM)
    order = (*(cell.casefold() for cell in cells[:6]), line.at)
    return Row(str(number), cells, tones, order)
