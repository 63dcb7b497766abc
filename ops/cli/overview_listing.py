"""An overview as rows: what needs somebody, how compliant which machines are, and how that went."""

from collections.abc import Iterator, Sequence

from fleet.sparklines import sparkline
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of
from ops.overview.reading import Overview
from ops.overview.standing import Part
from ops.overview.trend import TrendDay, span_of

_COLUMNS = (
    Column("section", "Section"),
    Column("name", "What"),
    Column("count", "Count", is_number=True),
    Column("total", "Of", is_number=True),
    Column("percent", "%", is_number=True),
    Column("text", "In words"),
    Column("at", "At", is_extra=True),
    Column("kind"),
    Column("assessed"),
    Column("ids"),
)
_Row = tuple[object, ...]


def list_overview(overview: Overview, days: Sequence[TrendDay], *, is_for_programs: bool) -> Listing:
    """What needs somebody first, then the fleet, its systems and groups, and its trend: a row a day for programs."""
    return Listing(
        _COLUMNS,
        [
            *_need_rows(overview),
            _part_row("fleet", overview.standing.fleet),
            *(_part_row("system", each) for each in overview.standing.systems),
            *(_part_row("group", each) for each in overview.standing.groups),
            *(_day_rows(days) if is_for_programs else _trend_rows(days)),
        ],
    )


def trend_words(days: Sequence[TrendDay]) -> str:
    """``67.1 % on 2026-10-22, 20.3 % on 2026-11-20``, and of how many days nothing is known; that none is."""
    span = span_of(days)
    if span is None:
        return "not known yet: no machine has answered on any of these days"
    first, last = span
    silent = sum(each.percent is None for each in days)
    gaps = f"; nothing is known of {count_of(silent, 'day')}" if silent else ""
    return f"{first.percent:g} % on {first.day}, {last.percent:g} % on {last.day}{gaps}"


def _need_rows(overview: Overview) -> Iterator[_Row]:
    for each in overview.needs:
        section = "now" if each.kind.asks_for_somebody else "going on"
        kind = each.kind
        yield (section, kind.words, each.count, each.total, None, each.text, each.at, kind.value, None, each.ids)


def _part_row(section: str, part: Part) -> _Row:
    count, total = (None, None) if part.problem else (part.compliant, part.machines)
    assessed = None if part.problem else part.assessed
    return (section, part.name, count, total, part.percent, part.in_words(), None, "compliant", assessed, ())


def _day_rows(days: Sequence[TrendDay]) -> Iterator[_Row]:
    for each in days:
        known = each.compliant if each.answered else None
        yield ("trend", str(each.day), known, each.machines, each.percent, "", None, "compliant", each.answered, ())


def _trend_rows(days: Sequence[TrendDay]) -> Iterator[_Row]:
    if not days:
        return
    line = sparkline(each.percent for each in days)
    yield ("trend", count_of(len(days), "day"), None, None, None, f"{line} {trend_words(days)}".strip(), *(None,) * 4)
