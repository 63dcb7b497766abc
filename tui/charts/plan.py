"""What of an answer is drawn: the column along the chart, the columns that are measured, and the points."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tui.rows.result_rows import is_number, show_value

if TYPE_CHECKING:
    from query.header import QueryChart
    from query.results import Chart, ResultColumn, Row

# More points than any terminal has columns; more series are no longer told apart.
MOST_POINTS = 2_000
MOST_SERIES = 6
# Fewer say nothing of how far apart the places of a chart stand.
_LEAST_DISTANCES = 3
_UNEVEN = 0.02
# What `render` of KQL calls the kinds that are drawn here; a pie is drawn as bars, which can be compared.
_KINDS = {
    "bar": "bar",
    "barchart": "bar",
    "columnchart": "bar",
    "piechart": "bar",
    "line": "line",
    "linechart": "line",
    "timechart": "line",
    "areachart": "line",
    "stackedareachart": "line",
    "scatterchart": "line",
    "sparkline": "sparkline",
}


@dataclass(frozen=True, slots=True)
class ChartPlan:
    """How an answer is drawn: the kind (bar, line, sparkline) and the indexes of its columns.

    ``series`` is the column whose values tell several lines apart, None where each of ``measured`` is one.
    """

    kind: str
    along: int
    measured: tuple[int, ...]
    series: int | None = None
    title: str = ""


@dataclass(slots=True)
class Series:
    """One line, or the bars of one measure: the points by their place along the chart, and the places without one."""

    name: str
    points: dict[int, float] = field(default_factory=dict)
    gaps: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class ChartData:
    """What is drawn: the places along the chart, in order, the series, and whether rows were left out.

    ``positions`` are where the places stand along a line, from 0 to 1: by their values where these can be measured.
    ``step`` is how far apart they stand where they do so evenly, as those of ``bin()`` do; 0 where they do not.
    """

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    along: str
    is_cut: bool
    units: tuple[str, ...] = ()
    positions: tuple[float, ...] = ()
    step: float = 0.0

    def unbroken(self, series: Series) -> list[Series]:
        """The parts of ``series`` that a line may join: without a place whose value is missing, or whose row is."""
        parts: list[Series] = []
        last: int | None = None
        for place, value in sorted(series.points.items()):
            if last is None or self._is_broken(series, last, place):
                parts.append(Series(series.name))
            parts[-1].points[place] = value
            last = place
        return parts

    def _is_broken(self, series: Series, before: int, place: int) -> bool:
        is_far = self.step > 0 and self.positions[place] - self.positions[before] > self.step * 1.5
        return is_far or any(between in series.gaps for between in range(before + 1, place))


def plan_from_header(chart: "QueryChart", columns: "Sequence[ResultColumn]") -> ChartPlan | None:
    """The plan that the header of a saved query asks for; None where the answer has no such columns."""
    names = [column.name.casefold() for column in columns]
    wanted = [chart.x, *chart.y]
    if any(name.casefold() not in names for name in wanted):
        return None
    along, *measured = (names.index(name.casefold()) for name in wanted)
    return ChartPlan(str(chart.kind), along, tuple(measured[:MOST_SERIES]))


def plan_from_render(chart: "Chart", columns: "Sequence[ResultColumn]") -> ChartPlan | None:
    """The plan that ``render`` asks for, by its options or, as Kusto does, by the types of the columns."""
    kind = _KINDS.get(chart.kind)
    options = {name.casefold(): value for name, value in chart.options}
    guessed = guess_plan(columns, kind or "")
    if kind is None or guessed is None:
        return None
    names = {column.name: index for index, column in enumerate(columns)}
    along = names.get(options.get("xcolumn", ""), guessed.along)
    given = [names[name.strip()] for name in options.get("ycolumns", "").split(",") if name.strip() in names]
    measured = tuple(given) or tuple(index for index in guessed.measured if index != along)
    others = [i for i, column in enumerate(columns) if i != along and i not in measured and not is_number(column)]
    series = names.get(options.get("series", ""), others[0] if others and kind == "line" else None)
    return ChartPlan(kind, along, measured, series, options.get("title", ""))


def guess_plan(columns: "Sequence[ResultColumn]", kind: str = "") -> ChartPlan | None:
    """A plan for an answer that asks for none: lines over time, else bars; None where there is nothing to measure."""
    numbers = [index for index, column in enumerate(columns) if is_number(column)]
    times = [index for index, column in enumerate(columns) if column.type.startswith(("TIMESTAMP", "DATE"))]
    others = [index for index in range(len(columns)) if index not in numbers and index not in times]
    if not numbers:
        return None
    is_over_time = bool(times) and kind in ("", "line", "sparkline")
    candidates = times if is_over_time else [*others, *times]
    along = candidates[0] if candidates else numbers[0]
    measured = tuple(index for index in numbers if index != along)[:MOST_SERIES]
    return ChartPlan(kind or ("line" if is_over_time else "bar"), along, measured) if measured else None


def chart_data(
    plan: ChartPlan, columns: "Sequence[ResultColumn]", rows: "Sequence[Row]", units: dict[str, str]
) -> ChartData:
    """The points of ``rows``. Values that are no numbers are gaps. Along a line the places are sorted."""
    used = rows[:MOST_POINTS]
    places = list(dict.fromkeys(row[plan.along] for row in used)) if _all_hashable(used, plan.along) else []
    is_scale = plan.kind != "bar" and all(isinstance(each, datetime | date | int | float | Decimal) for each in places)
    if is_scale:
        places.sort(key=_as_number)
    number_of = {place: number for number, place in enumerate(places)}
    found: dict[str, Series] = {}
    for row in used:
        for index in plan.measured:
            value = row[index]
            name = columns[index].name if plan.series is None else show_value(row[plan.series], 40)
            if row[plan.along] not in number_of:
                continue
            place, one = number_of[row[plan.along]], found.setdefault(name, Series(name))
            if isinstance(value, int | float | Decimal) and math.isfinite(value):
                one.points[place] = float(value)
                one.gaps.discard(place)
            elif place not in one.points:
                one.gaps.add(place)
    series = tuple(each for each in found.values() if each.points)
    labels = tuple(_label(place) for place in places)
    measured_units = tuple(units.get(columns[index].name.casefold(), "") for index in plan.measured)
    is_cut = len(rows) > MOST_POINTS or len(series) > MOST_SERIES
    along, positions = columns[plan.along].name, _positions(places, is_scale)
    step = _step(positions) if is_scale else 0.0
    return ChartData(labels, series[:MOST_SERIES], along, is_cut, measured_units, positions, step)


def _positions(places: list[object], is_scale: bool) -> tuple[float, ...]:
    numbers = [_as_number(place) if is_scale else float(index) for index, place in enumerate(places)]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 0.0)
    return tuple((number - low) / (high - low) if high > low else 0.0 for number in numbers)


def _step(positions: Sequence[float]) -> float:
    """The distance that ``positions`` are apart, most of them once and the others several times; 0 if they are not."""
    distances = [after - before for before, after in itertools.pairwise(positions)]
    step = min(distances, default=0.0)
    if len(distances) < _LEAST_DISTANCES or step <= 0:
        return 0.0
    times = [distance / step for distance in distances]
    is_even = all(abs(each - round(each)) < _UNEVEN for each in times)
    is_usual = sum(each < 1 + _UNEVEN for each in times) * 2 >= len(times)
    return step if is_even and is_usual else 0.0


def _all_hashable(rows: "Sequence[Row]", index: int) -> bool:
    return not any(isinstance(row[index], list | dict) for row in rows)


def _as_number(place: object) -> float:
    if isinstance(place, datetime):
        return place.timestamp()
    if isinstance(place, date):
        return float(place.toordinal())
    return float(place) if isinstance(place, int | float | Decimal) else 0.0


def _label(place: object) -> str:
    if isinstance(place, datetime) and (place.hour, place.minute, place.second) == (0, 0, 0):
        return place.date().isoformat()
    return show_value(place, 60) or "(empty)"
