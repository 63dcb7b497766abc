"""What happened to one machine, newest first: assessments, and updates that came, were installed or fell away."""

from collections.abc import Sequence
from datetime import datetime

from fleet.hostile import clean, clean_name
from tui.rows.ages import describe_age, describe_time
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

HISTORY_COLUMNS = (
    TableColumn("time", "Time", most=17, least=17, priority=0),
    TableColumn("event", "Event", most=14, least=10, priority=1),
    TableColumn("what", "What", most=160, least=20, priority=1),
    TableColumn("age", "Age", most=9, least=6, priority=4),
)

# Newest first; the limit keeps the page quick, and the title says when it bites.
HISTORY_LIMIT = 1_000
HISTORY_SQL = f"""
SELECT TimeGenerated, Event, What FROM (
    SELECT TimeGenerated, Outcome AS Event,
        CASE WHEN Outcome = 'failed' THEN FailureText
        ELSE concat(
            coalesce(CAST(CriticalUpdatesMissing AS VARCHAR), '?'), ' critical, ',
            coalesce(CAST(SecurityUpdatesMissing AS VARCHAR), '?'), ' security, ',
            coalesce(CAST(OtherUpdatesMissing AS VARCHAR), '?'), ' other missing in ',
            round(DurationSeconds, 1), ' s; reboot ', RebootRequired)
        END AS What
    FROM Assessment WHERE SourceComputerId = $id
    UNION ALL
    SELECT TimeGenerated, UpdateState AS Event,
        CASE WHEN UpdateID <> '' THEN concat_ws(' ', 'KB' || nullif(split_part(KBID, ';', 1), ''), Title)
        ELSE concat_ws(' ', Product, InstalledVersion, '→', ProductVersion, lower(Classification)) END AS What
    FROM UpdateHistory WHERE SourceComputerId = $id
) AS changes
ORDER BY TimeGenerated DESC, Event, What
LIMIT {HISTORY_LIMIT}
"""  # noqa: S608  # the only thing put in is our own number

_TONES = {
    "succeeded": Tone.GOOD,
    "incomplete": Tone.PENDING,
    "failed": Tone.BAD,
    "needed": Tone.PENDING,
    "installed": Tone.GOOD,
}


def history_rows(rows: Sequence[tuple[object, ...]], now: datetime) -> list[Row]:
    """Rows of `HISTORY_SQL` as rows of the table."""
    return [_row(number, row, now) for number, row in enumerate(rows)]


def describe_event(row: Row) -> list[tuple[Piece, ...]]:
    """All of the event in ``row``."""
    time, event, what, age = row.cells
    return [(Piece(time, Tone.STRONG), Piece(event, row.tones[1]), Piece(age, Tone.DIM)), (Piece(what),)]


def _row(number: int, values: tuple[object, ...], now: datetime) -> Row:
    at, event, what = values
    moment = at if isinstance(at, datetime) else None
    word = clean_name(str(event)).lower().replace("notneeded", "not needed")
    cells = (describe_time(moment), word, clean(str(what)), describe_age(moment, now))
    order = (moment, word, cells[2].casefold(), moment)
    return Row(str(number), cells, (Tone.NORMAL, _TONES.get(word, Tone.DIM), Tone.NORMAL, Tone.DIM), order)
