"""Charts as lines of text."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.cells import cell_len

from query.header import ChartKind, QueryChart
from query.results import Chart, ResultColumn, Row
from tui.charts.drawing import draw_chart
from tui.charts.plan import MOST_POINTS, ChartPlan, chart_data, guess_plan, plan_from_header, plan_from_render
from tui.charts.scale import nice_top, short_number

DAY = datetime(2026, 11, 1, tzinfo=UTC)
COLUMNS = (
    ResultColumn("Day", "TIMESTAMP"),
    ResultColumn("Class", "VARCHAR"),
    ResultColumn("Missing", "BIGINT"),
    ResultColumn("Hours", "DOUBLE"),
)
ROWS: list[Row] = [
    (DAY + timedelta(days=day), name, 10 * day + len(name), day / 3)
    for day in range(20)
    for name in ("Security", "Oth")
]


def drawn(plan: ChartPlan | None, width: int = 76, height: int = 14, rows: list[Row] = ROWS) -> list[str]:
    assert plan is not None
    data = chart_data(plan, COLUMNS, rows, {"missing": "updates"})
    return ["".join(piece.text for piece in line) for line in draw_chart(plan.kind, data, width, height)]


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize(("width", "height"), [(76, 10), (198, 40), (20, 4)])
def test_chart_fits_its_room(kind: ChartKind, width: int, height: int) -> None:
    """No line is wider and no chart higher than what there is."""
    plan = plan_from_header(QueryChart(kind, "Day", ("Missing", "Hours")), COLUMNS)
    lines = drawn(plan, width, height)
    assert len(lines) <= height
    assert width < 40 or all(cell_len(line) <= width for line in lines)


def test_header_names_the_columns_whatever_their_case() -> None:
    """A chart of columns that the answer lacks is none."""
    assert plan_from_header(QueryChart(ChartKind.BAR, "class", ("missing",)), COLUMNS) == ChartPlan("bar", 1, (2,))
    assert plan_from_header(QueryChart(ChartKind.BAR, "class", ("gone",)), COLUMNS) is None


def test_render_takes_the_time_along_and_a_text_for_the_lines() -> None:
    """As Kusto does: the first time is x, a text tells the series apart, options say otherwise."""
    assert plan_from_render(Chart("timechart"), COLUMNS) == ChartPlan("line", 0, (2, 3), 1)
    options = (("xcolumn", "Class"), ("ycolumns", "Hours"), ("title", "Waiting"))
    assert plan_from_render(Chart("barchart", options), COLUMNS) == ChartPlan("bar", 1, (3,), None, "Waiting")
    assert plan_from_render(Chart("table"), COLUMNS) is None


def test_answer_without_a_wish_is_guessed() -> None:
    """Numbers over time are lines, numbers beside names are bars, no numbers are no chart."""
    assert guess_plan(COLUMNS) == ChartPlan("line", 0, (2, 3))
    assert guess_plan(COLUMNS[1:]) == ChartPlan("bar", 0, (1, 2))
    assert guess_plan(COLUMNS[:2]) is None


def test_line_has_scale_legend_unit_and_ends() -> None:
    """One can read what is drawn: the round top, zero, the first and last day, and which letter is what."""
    lines = drawn(ChartPlan("line", 0, (2,), 1))
    assert "a Security [updates]" in lines[0]
    assert "b Oth" in lines[0]
    assert lines[1].lstrip().startswith("200┤")
    assert "0┤" in lines[-3]
    assert "2026-11-01" in lines[-1]
    assert "2026-11-20" in lines[-1]


def test_bars_are_in_proportion() -> None:
    """Twice as much is twice as long, to an eighth of a cell."""
    rows: list[Row] = [(DAY, "one", 100, 0.0), (DAY, "half", 50, 0.0)]
    one, half = (line.count("█") for line in drawn(ChartPlan("bar", 1, (2,)), rows=rows)[1:3])
    assert abs(one - 2 * half) <= 1


def test_gaps_negatives_and_odd_numbers_are_drawn() -> None:
    """Null is a gap, not zero; infinities and NaN break nothing."""
    rows: list[Row] = [(DAY, "a", None, -5.0), (DAY, "b", 3, float("inf")), (DAY, None, 1, float("nan"))]
    for kind in ("bar", "line", "sparkline"):
        assert drawn(ChartPlan(kind, 1, (2, 3)), rows=rows)


def braille_columns(lines: list[str]) -> set[int]:
    return {x for line in lines for x, sign in enumerate(line) if 0x2800 < ord(sign) <= 0x28FF}


@pytest.mark.parametrize("gap", ["null", "no row"])
def test_line_is_not_joined_over_a_gap(gap: str) -> None:
    """Days 5 to 14 of 20 have no value or no row: nothing is drawn there, and the point alone in them is."""
    missing = {*range(5, 10), *range(11, 15)}
    rows: list[Row] = [(DAY + timedelta(days=day), "a", None if day in missing else 5, 0.0) for day in range(20)]
    kept = [row for row in rows if gap == "null" or row[2] is not None]
    used = braille_columns(drawn(ChartPlan("line", 0, (2,)), width=46, rows=kept)[1:-2])
    left = 4
    assert not used & set(range(left + 12, left + 20))
    assert used & set(range(left + 20, left + 23))
    assert not used & set(range(left + 25, left + 29))


def test_uneven_times_are_joined() -> None:
    """Where rows come when they come, a longer pause is no gap."""
    days = (0, 0.7, 2.4, 9, 9.3, 12)
    rows: list[Row] = [(DAY + timedelta(days=day), "a", 5, 0.0) for day in days]
    assert len(braille_columns(drawn(ChartPlan("line", 0, (2,)), width=46, rows=rows)[1:-2])) >= 39


def test_gap_of_a_sparkline_is_a_space() -> None:
    """Its values keep their places."""
    rows: list[Row] = [(DAY + timedelta(days=day), "a", None if day == 2 else 5, 0.0) for day in range(4)]
    assert "██ █" in drawn(ChartPlan("sparkline", 0, (2,)), rows=rows)[0]


def test_negative_bars_go_to_the_other_side() -> None:
    """Zero is one line for all bars; what is below it ends there."""
    rows: list[Row] = [(DAY, "up", 50, 0.0), (DAY, "down", -50, 0.0), (DAY, "nil", 0, 0.0), (DAY, "gap", None, 0.0)]
    up, down, nil, gap = drawn(ChartPlan("bar", 1, (2,)), rows=rows)[1:5]
    assert up.index("▕") == down.index("▕") == nil.index("▕") == gap.index("▕")
    assert up.index("█") > up.index("▕") and down.index("█") < down.index("▕")
    assert up.count("█") == pytest.approx(down.count("█"), abs=1)


def test_nothing_to_draw_says_so() -> None:
    """No row has a number."""
    assert "nothing to draw" in drawn(ChartPlan("bar", 1, (2,)), rows=[(DAY, "a", None, None)])[0]


def test_rows_that_are_left_out_are_told() -> None:
    """A chart of more points than it can hold says that it is of the first ones."""
    rows: list[Row] = [(DAY + timedelta(hours=hour), "x", hour, 0.0) for hour in range(MOST_POINTS + 1)]
    assert "the first rows only" in drawn(ChartPlan("line", 0, (2,)), rows=rows)[0]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1_234, "1,234"), (12_345, "12.3k"), (4_500_000, "4.5M"), (0.25, "0.25")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    """A scale has little room."""
    assert short_number(value) == text


@pytest.mark.parametrize(("value", "top"), [(0, 1), (7, 10), (10, 10), (159, 200), (0.3, 0.5)])
def test_scale_ends_at_a_round_number(value: float, top: float) -> None:
    """The next of 1, 2, 2.5 and 5 times a power of ten."""
    assert nice_top(value) == pytest.approx(top)
