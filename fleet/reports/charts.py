"""Charts as SVG that stands in a page: said in words too, and readable without colour."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from html import escape

from fleet.hostile import clean
from fleet.reports.cells import cell_text, number_text
from fleet.reports.tables import ChartKind, ReportChart, ReportTable

# A chart of more is read by nobody; the table has all.
MOST_BARS = 24
_MOST_LABEL = 42
_WIDTH, _LABELS, _VALUES = 720, 270, 70
_BAR, _GAP = 16, 6
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 220, 50, 20, 12, 34
_X_LABELS = 6
_KEY = 24
_MOST_SAID = 8_000
# Nothing that is counted or measured here is smaller; a scale of less has no quarters to write.
_SMALLEST = 1e-6
# Solid, hatched, dotted: series differ by that first. The colours are Okabe and Ito's, for all kinds of eyes.
_FILLS = ("#0072b2", "url(#hatched-{0})", "url(#dotted-{0})", "#555555")
_STROKES = (("#0072b2", ""), ("#d55e00", "6 3"), ("#009e73", "2 3"), ("#555555", "8 3 2 3"))
_PATTERNS = (
    '<defs><pattern id="hatched-{0}" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><rect width="3" height="6" fill="#d55e00"/>'
    '</pattern><pattern id="dotted-{0}" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<rect width="5" height="5" fill="#fff"/><circle cx="2" cy="2" r="1.4" fill="#009e73"/></pattern></defs>'
)

Series = Sequence[tuple[str, Sequence[float | None]]]


def draw(table: ReportTable, chart: ReportChart, number: int) -> str:
    """The chart as SVG, empty where there is nothing to draw; ``number`` tells charts of one page apart."""
    labels = [_short(cell_text(value)) for value in table.column(chart.x)]
    series = [(name, [_number(value) for value in table.column(name)]) for name in chart.y if table.column(name)]
    if not labels or not any(value is not None for _, values in series for value in values):
        return ""
    cut = (
        f" (the first {MOST_BARS} of {len(labels)})" if chart.kind is ChartKind.BAR and len(labels) > MOST_BARS else ""
    )
    if chart.kind is ChartKind.BAR:
        labels, series = labels[:MOST_BARS], [(name, values[:MOST_BARS]) for name, values in series]
    height = _height(labels, series, chart.kind)
    marks = _bars(labels, series, number) if chart.kind is ChartKind.BAR else _lines(labels, series)
    whole = height + (_KEY if len(series) > 1 else 0)
    said = escape(clean(describe(labels, series), _MOST_SAID))
    title = escape(clean(f"{table.title}: {', '.join(name for name, _ in series)} by {chart.x}{cut}"))
    return (
        f'<figure><svg role="img" aria-labelledby="chart-{number}" aria-describedby="said-{number}" '
        f'viewBox="0 0 {_WIDTH} {whole}" width="{_WIDTH}" height="{whole}" xmlns="http://www.w3.org/2000/svg">'
        f'<title id="chart-{number}">{title}</title><desc id="said-{number}">{said}</desc>{_PATTERNS.format(number)}'
        f"{''.join(marks)}{''.join(_key(series, chart.kind, number, height))}</svg>"
        f"<figcaption>{title}</figcaption></figure>"
    )


def describe(labels: Sequence[str], series: Series) -> str:
    """What the chart shows, in words: every value of every series."""
    return " ".join(
        f"{name}: {', '.join(f'{label} {_said(value)}' for label, value in zip(labels, values, strict=True))}."
        for name, values in series
    )


def _height(labels: Sequence[str], series: Series, kind: ChartKind) -> int:
    return len(labels) * (len(series) * _BAR + _GAP) + _GAP if kind is ChartKind.BAR else _HEIGHT


def _bars(labels: Sequence[str], series: Series, number: int) -> Iterator[str]:
    largest, room, row = (
        100.0 if _are_shares(series) else _largest(series),
        _WIDTH - _LABELS - _VALUES,
        len(series) * _BAR + _GAP,
    )
    for at, label in enumerate(labels):
        y = _GAP + at * row
        yield _text(_LABELS - 8, y + len(series) * _BAR / 2 + 4, label, "end")
        for order, (_, values) in enumerate(series):
            value, top = values[at], y + order * _BAR
            length = 0.0 if value is None else max(0.0, value) / largest * room
            yield _bar(_LABELS, top, length, _fill(order, number))
            yield _text(_LABELS + length + 6, top + _BAR - 5, _said(value))


def _bar(x: float, y: float, length: float, fill: str) -> str:
    return (
        f'<rect x="{x}" y="{y}" width="{length:.1f}" height="{_BAR - 2}" fill="{fill}" stroke="#333" '
        'stroke-width="0.5"/>'
    )


def _fill(order: int, number: int) -> str:
    return _FILLS[order % len(_FILLS)].format(number)


def _lines(labels: Sequence[str], series: Series) -> Iterator[str]:
    largest = _top_of_scale(series)
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    step = width / max(1, len(labels) - 1)
    for quarter in range(5):
        y = _TOP + height * (4 - quarter) / 4
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}" stroke="#ccc"/>'
        yield _text(_LEFT - 6, y + 4, number_text(round(largest * quarter / 4, 2)), "end")
    every = max(1, -(-len(labels) // _X_LABELS))
    for at in range(0, len(labels), every):
        anchor = "start" if at == 0 else "end" if at == len(labels) - 1 else "middle"
        yield _text(_LEFT + at * step, _HEIGHT - 12, labels[at], anchor)
    for order, (_, values) in enumerate(series):
        points = [
            None if value is None else (_LEFT + at * step, _TOP + height * (1 - max(0.0, value) / largest))
            for at, value in enumerate(values)
        ]
        yield from _line(points, order)


def _line(points: Sequence[tuple[float, float] | None], order: int) -> Iterator[str]:
    """One series; a value that is not known leaves a gap."""
    colour, dashes = _STROKES[order % len(_STROKES)]
    stretch: list[tuple[float, float]] = []
    for point in (*points, None):
        if point is not None:
            stretch.append(point)
            continue
        if stretch:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in stretch)
            yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" {_dashed(dashes)}/>'
            yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2" fill="{colour}"/>' for x, y in stretch)
        stretch = []


def _key(series: Series, kind: ChartKind, number: int, y: int) -> Iterator[str]:
    """Which mark stands for which series, where there are several."""
    room = (_WIDTH - _LEFT) // max(1, len(series))
    for order, (name, _) in enumerate(series if len(series) > 1 else ()):
        x, (colour, dashes) = _LEFT + order * room, _STROKES[order % len(_STROKES)]
        yield (
            _bar(x, y, 28, _fill(order, number))
            if kind is ChartKind.BAR
            else f'<line x1="{x}" y1="{y + 8}" x2="{x + 28}" y2="{y + 8}" stroke="{colour}" stroke-width="2" '
            f"{_dashed(dashes)}/>"
        )
        yield _text(x + 34, y + 12, _short(name))


def _dashed(dashes: str) -> str:
    return f'stroke-dasharray="{dashes}"' if dashes else ""


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="11" text-anchor="{anchor}">{escape(text)}</text>'


def _largest(series: Series) -> float:
    largest = max((value for _, values in series for value in values if value is not None), default=0.0)
    return largest if largest > _SMALLEST else 1.0


def _top_of_scale(series: Series) -> float:
    """The next round number: 100 for percentages, else 1, 2, 4 or 8 with noughts, whose quarters are round too."""
    if _are_shares(series):
        return 100.0
    largest = _largest(series)
    power = 10.0 ** math.floor(math.log10(largest))
    return next(step * power for step in (1, 2, 4, 8, 10) if step * power >= largest)


def _are_shares(series: Series) -> bool:
    """Percentages, which are drawn against the whole."""
    return all(name.endswith("Percent") for name, _ in series)


def _short(text: str) -> str:
    return clean(text, _MOST_LABEL)


def _said(value: float | None) -> str:
    return "unknown" if value is None else number_text(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        return None
    return float(value)
