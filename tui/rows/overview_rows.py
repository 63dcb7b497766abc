"""The overview as rows: what needs somebody, what goes on, compliance by system and by group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fleet.sparklines import bar, sparkline
from ops.cli.overview_listing import trend_words
from ops.overview.needs import Need, NeedKind
from ops.overview.reading import Overview
from ops.overview.standing import Part
from ops.overview.trend import TrendDay, span_of
from tui.rows.ages import describe_time
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

BAR_CELLS = 20
_BAR = 3  # its column
OVERVIEW_COLUMNS = (
    TableColumn("what", "What", most=48, least=20, least_of_long=24, priority=0),
    TableColumn("count", "Count", most=16, least=9, is_number=True, priority=0),
    TableColumn("percent", "Share", most=7, least=7, is_number=True, priority=2),
    TableColumn("bar", "", most=BAR_CELLS, least=BAR_CELLS, priority=6, is_sparse=True),
    TableColumn("text", "In words", most=120, least=28, priority=1),
    TableColumn("at", "Since, at", most=17, least=17, priority=5),
)
NEED_TONES = {
    NeedKind.SETTINGS: Tone.BAD,
    NeedKind.FAILED_RUNS: Tone.BAD,
    NeedKind.APPROVALS: Tone.PENDING,
    NeedKind.ALERTS: Tone.BAD,
    NeedKind.FAILED: Tone.BAD,
    NeedKind.NOT_ASSESSED: Tone.PENDING,
    NeedKind.UNKNOWN: Tone.PENDING,
    NeedKind.NON_COMPLIANT: Tone.PENDING,
    NeedKind.REBOOT: Tone.REBOOT,
    NeedKind.SERVICE: Tone.BAD,
    NeedKind.ASSESSING: Tone.ACCENT,
    NeedKind.RUNS_OPEN: Tone.ACCENT,
    NeedKind.NEXT_START: Tone.ACCENT,
}
# Keys of rows: what they are, and which.
NEED, SYSTEM, GROUP, HEADING, MORE = "need", "system", "group", "heading", "more"
_LEAST_PARTS = 2
_NO_GROUP = "none is defined: enter goes on"
_SAYING_LITTLE = ("Microsoft ", "GNU/Linux ")


@dataclass(frozen=True, slots=True)
class Shown:
    """How many systems and groups have rows; the others are behind one that says how many they are."""

    systems: int
    groups: int


def overview_rows(overview: Overview, room: int | None, *, has_bars: bool = True) -> list[Row]:
    """The rows, in at most ``room`` of them where that can be; None: all. ``has_bars`` where there is room for them."""
    standing = overview.standing
    shown = _fit(overview, room)
    rows = [
        *map(_need_row, overview.needs),
        *_section(SYSTEM, "By system", standing.systems, shown.systems),
        *([] if overview.is_past else _section(GROUP, "By group", standing.groups, shown.groups, _NO_GROUP)),
    ]
    return rows if has_bars else [row._replace(cells=(*row.cells[:_BAR], "", *row.cells[_BAR + 1 :])) for row in rows]


def title_pieces(overview: Overview) -> list[Piece]:
    """What is true of the whole fleet, the denominator always with it."""
    fleet = overview.standing.fleet
    percent = "" if fleet.percent is None else f", {fleet.percent:g} %"
    pieces = [Piece(f"{fleet.compliant:,} of {fleet.machines:,} compliant{percent}", _tone(fleet))]
    if overview.is_past:
        pieces.append(Piece("no groups of then", Tone.DIM))
    elif not overview.needed:
        quiet = f" since {describe_time(overview.quiet_since)}" if overview.quiet_since else ""
        pieces.append(Piece(f"nothing needs you{quiet}", Tone.GOOD))
    else:
        count = len(overview.needed)
        pieces.append(Piece(f"{count} {'thing needs' if count == 1 else 'things need'} you", Tone.PENDING))
    if fleet.left_out:
        pieces.append(Piece(f"{fleet.left_out:,} left out", Tone.DIM))
    return pieces


def trend_pieces(days: Sequence[TrendDay]) -> list[Piece]:
    """The share of compliant machines day by day as blocks, the first and the last of them in words."""
    words, span = trend_words(days), span_of(days)
    if span is None:
        return [Piece("Trend  ", Tone.DIM), Piece(words, Tone.DIM)]
    first, last = (f"{each.percent:g} % ({each.day:%-d %b})" for each in span)
    gaps = words.partition("; ")[2]
    line = sparkline(each.percent for each in days)
    more = [Piece(f"; {gaps}", Tone.DIM)] if gaps else []
    return [Piece("Trend  ", Tone.DIM), Piece(line, Tone.ACCENT), Piece(f"  {first} to {last}"), *more]


def _fit(overview: Overview, room: int | None) -> Shown:
    standing = overview.standing
    systems, groups = len(standing.systems), len(standing.groups)
    if room is None:
        return Shown(systems, groups)
    left = room - len(overview.needs) - 2
    if systems + groups <= left:
        return Shown(systems, groups)
    # A row that says how many more there are, of each that is cut.
    of_groups = min(groups, max(_LEAST_PARTS, (left - 2) // 3, left - systems - 1))
    of_systems = max(_LEAST_PARTS, left - of_groups - 1 - (of_groups < groups))
    return Shown(min(systems, of_systems), of_groups)


def _section(kind: str, heading: str, parts: Sequence[Part], shown: int, if_none: str = "") -> Iterator[Row]:
    yield _plain(f"{HEADING}:{kind}", (heading, "compliant", "", "", "" if parts else if_none, ""), Tone.HEADING)
    for part in parts[:shown]:
        yield _part_row(kind, part)
    if hidden := len(parts) - shown:
        yield _plain(f"{MORE}:{kind}", (f"… {hidden:,} more", "", "", "", "enter shows them all", ""), Tone.DIM)


def _need_row(need: Need) -> Row:
    tone = NEED_TONES[need.kind]
    count = "" if need.count is None else f"{need.count:,}"
    total = "" if need.total is None or not count else f" of {need.total:,}"
    cells = (need.kind.words, count + total, "", "", need.text, describe_time(need.at))
    return Row(f"{NEED}:{need.kind.value}", cells, (tone, tone, Tone.NORMAL, Tone.NORMAL, Tone.NORMAL, Tone.DIM))


def _part_row(kind: str, part: Part) -> Row:
    if part.is_pending:
        return _plain(f"{kind}:{part.name}", (_short_name(part.name), "…", "", "", "its query is asked", ""), Tone.DIM)
    tone = Tone.BAD if part.problem else _tone(part)
    count = "?" if part.problem else f"{part.compliant:,} of {part.machines:,}"
    percent = "" if part.percent is None else f"{part.percent:g} %"
    drawn = "" if part.percent is None else bar(part.percent, BAR_CELLS)
    cells = (_short_name(part.name), count, percent, drawn, part.in_words(), "")
    return Row(f"{kind}:{part.name}", cells, (Tone.NORMAL, tone, tone, tone, Tone.NORMAL, Tone.DIM))


def _short_name(name: str) -> str:
    """``name`` without words that all systems of its kind have: what differs would be cut for them."""
    for word in _SAYING_LITTLE:
        name = name.replace(word, "", 1)
    return name


def _plain(key: str, cells: tuple[str, ...], tone: Tone) -> Row:
    return Row(key, cells, (tone,) * len(OVERVIEW_COLUMNS))


def _tone(part: Part) -> Tone:
    if not part.machines:
        return Tone.DIM
    return Tone.GOOD if part.compliant == part.machines else Tone.PENDING
