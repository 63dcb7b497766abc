"""What aggregates give, over rows with nulls, over no rows, and how their columns are called."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from query.kql.aggregates import AGGREGATES

Ask = Callable[[str], Any]
SALES = """
let S = datatable(k: string, n: long, r: real, s: string, t: datetime, p: timespan, b: bool, d: dynamic) [
    "a", 1, 1.5, "x", datetime(2026-01-01), 1h, true, dynamic({"u": 1}),
    "a", 2, 2.5, "", datetime(2026-01-03), 2h, false, dynamic({"v": 2}),
    "b", long(null), real(null), "y", datetime(null), timespan(null), bool(null), dynamic(null),
    "b", 4, 4.5, "x", datetime(2026-01-02), 4h, true, dynamic({"u": 3}),
];
"""
NONE = "let N = datatable(n: long, r: real, s: string, t: datetime, p: timespan, d: dynamic, b: bool) [];\n"

# What is summarized over the rows of S, the names of the columns, and the values.
WHOLE = [
    ("count()", ["count_"], [4]),
    ("count(n)", ["count_n"], [4]),
    ("countif(n > 1)", ["countif_"], [2]),
    ("countif(b)", ["countif_b"], [2]),
    ("dcount(s)", ["dcount_s"], [3]),
    ("dcount(n, 2)", ["dcount_n"], [3]),
    ("dcountif(s, n > 0)", ["dcountif_s"], [2]),
    ("count_distinct(k)", ["count_distinct_k"], [2]),
    ("count_distinctif(k, n > 2)", ["count_distinctif_k"], [1]),
    ("sum(n)", ["sum_n"], [7]),
    ("sum(r)", ["sum_r"], [8.5]),
    ("sum(p)", ["sum_p"], ["07:00:00"]),
    ("sum(n * 2)", ["sum_"], [14]),
    ("sumif(n, s == 'x')", ["sumif_n"], [5]),
    ("sumif(n, s == 'none')", ["sumif_n"], [0]),
    ("avg(n)", ["avg_n"], [7 / 3]),
    ("avg(p)", ["avg_p"], ["02:20:00"]),
    ("avg(t)", ["avg_t"], ["2026-01-02 00:00:00"]),
    ("avgif(r, n < 3)", ["avgif_r"], [2.0]),
    ("max(n)", ["max_n"], [4]),
    ("max(t)", ["max_t"], ["2026-01-03 00:00:00"]),
    ("max(s)", ["max_s"], ["y"]),
    ("max(iff(n > 1, 2, 1))", ["max_"], [2]),
    ("maxif(n, k == 'a')", ["maxif_n"], [2]),
    ("min(r)", ["min_r"], [1.5]),
    ("minif(n, n > 1)", ["minif_n"], [2]),
    ("min(p)", ["min_p"], ["01:00:00"]),
    ("percentile(n, 50)", ["percentile_n_50"], [2]),
    ("percentile(n, 95)", ["percentile_n_95"], [4]),
    ("percentile(r, 0)", ["percentile_r_0"], [1.5]),
    ("percentile(p, 50)", ["percentile_p_50"], ["02:00:00"]),
    ("percentiles(n, 5, 99.5)", ["percentile_n_5", "percentile_n_99_5"], [1, 4]),
    ("(low, high) = percentiles(n, 5, 95)", ["low", "high"], [1, 4]),
    ("percentiles_array(n, 5, 50)", ["percentiles_n"], [[1, 2]]),
    ("percentiles_array(n, dynamic([5, 95]))", ["percentiles_n"], [[1, 4]]),
    ("stdev(n)", ["stdev_n"], [1.5275252316519468]),
    ("stdevif(n, k == 'a')", ["stdevif_n"], [0.7071067811865476]),
    ("stdevp(n)", ["stdevp_n"], [1.247219128924647]),
    ("stdevpif(n, k == 'a')", ["stdevpif_n"], [0.5]),
    ("variance(n)", ["variance_n"], [2.3333333333333335]),
    ("varianceif(n, k == 'a')", ["varianceif_n"], [0.5]),
    ("variancep(n)", ["variancep_n"], [1.5555555555555556]),
    ("variancepif(n, k == 'a')", ["variancepif_n"], [0.25]),
    ("covariance(n, r)", ["covariance_n"], [2.3333333333333335]),
    ("covarianceif(n, r, k == 'a')", ["covarianceif_n"], [0.5]),
    ("covariancep(n, r)", ["covariancep_n"], [1.5555555555555556]),
    ("covariancepif(n, r, k == 'a')", ["covariancepif_n"], [0.25]),
    ("make_list(n)", ["list_n"], [[1, 2, 4]]),
    ("make_list(s)", ["list_s"], [["x", "", "y", "x"]]),
    ("make_list(n, 2)", ["list_n"], [[1, 2]]),
    ("makelist(k)", ["list_k"], [["a", "a", "b", "b"]]),
    ("make_list(t)", ["list_t"], [[f"2026-01-0{day}T00:00:00.0000000Z" for day in (1, 3, 2)]]),
    ("make_list(r)", ["list_r"], [[1.5, 2.5, 4.5]]),
    ("make_list_if(n, s == 'x')", ["list_n"], [[1, 4]]),
    ("make_list_with_nulls(n)", ["list_n"], [[1, 2, None, 4]]),
    ("make_set(s)", ["set_s"], [["x", "", "y"]]),
    ("make_set(k, 1)", ["set_k"], [["a"]]),
    ("makeset(n)", ["set_n"], [[1, 2, 4]]),
    ("make_set_if(s, n > 1)", ["set_s"], [["", "x"]]),
    ("make_bag(d)", ["bag_d"], [{"u": 1, "v": 2}]),
    ("make_dictionary(d)", ["bag_d"], [{"u": 1, "v": 2}]),
    ("make_bag_if(d, n > 1)", ["bag_d"], [{"v": 2, "u": 3}]),
    ("arg_max(t, n, s)", ["t", "n", "s"], ["2026-01-03 00:00:00", 2, ""]),
    ("arg_min(n, k)", ["n", "k"], [1, "a"]),
    ("arg_max(n + 1, k)", ["max_", "k"], [5, "b"]),
    ("argmax(n, k)", ["max_n", "max_n_k"], [4, "b"]),
    ("argmin(n, k)", ["min_n", "min_n_k"], [1, "a"]),
    ("(when, what) = arg_max(t, n)", ["when", "what"], ["2026-01-03 00:00:00", 2]),
    ("(when) = arg_max(t, n)", ["when", "n"], ["2026-01-03 00:00:00", 2]),
    ("latest = arg_max(t, n)", ["latest", "n"], ["2026-01-03 00:00:00", 2]),
    ("any(k)", ["any_k"], ["a"]),
    ("any(k, n)", ["any_k", "any_n"], ["a", 1]),
    ("take_any(k)", ["k"], ["a"]),
    ("take_any(k, n)", ["k", "n"], ["a", 1]),
    ("take_anyif(n, k == 'b')", ["n"], [4]),
    ("anyif(n, k == 'b')", ["n"], [4]),
    ("binary_all_and(n)", ["n"], [0]),
    ("binary_all_or(n)", ["n"], [7]),
    ("binary_all_xor(n)", ["n"], [7]),
    ("sum(n) / count()", ["Column1"], [1]),
    ("round(avg(n), 2)", ["avg_n"], [2.33]),
    ("toint(count())", ["count_"], [4]),
    ("x = count(), count()", ["x", "count_"], [4, 4]),
    ("iff(count() > 3, 'many', 'few')", ["Column1"], ["many"]),
]
# The same over no rows at all.
EMPTY = [
    ("count(), countif(b), dcount(s)", [0, 0, 0]),
    ("sum(n), sum(r), sum(p), sumif(n, b)", [0, 0.0, "00:00:00", 0]),
    ("avg(n), max(n), min(t), max(s)", [None, None, None, ""]),
    ("make_list(n), make_set(s), make_bag(d)", [[], [], {}]),
    ("arg_max(t, s)", [None, ""]),
    ("take_any(s), take_any(n)", ["", None]),
    ("percentile(n, 50)", [None]),
]


def plain(row: tuple[object, ...], columns: list[tuple[str, str]]) -> list[object]:
    return [
        json.loads(str(value)) if type_ == "dynamic" and value is not None else value
        for value, (_, type_) in zip(row, columns, strict=True)
    ]


@pytest.mark.parametrize(("what", "names", "values"), WHOLE, ids=[what for what, _, _ in WHOLE])
def test_aggregate_of_rows(ask: Ask, what: str, names: list[str], values: list[object]) -> None:
    """Value and name are those of Kusto; nulls do not count."""
    columns, rows = ask(SALES + f"S | summarize {what}")

    assert [name for name, _ in columns] == names
    assert len(rows) == 1
    for given, expected in zip(plain(rows[0], columns), values, strict=True):
        assert given == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(("what", "values"), EMPTY, ids=[what for what, _ in EMPTY])
def test_aggregate_of_no_rows(ask: Ask, what: str, values: list[object]) -> None:
    """Sums are nought, arrays are empty, the rest is null; and there is one row."""
    columns, rows = ask(NONE + f"N | summarize {what}")
    assert [plain(row, columns) for row in rows] == [values]


def test_no_rows_by_a_key_give_none(ask: Ask) -> None:
    """With keys, no rows make no groups."""
    assert ask(NONE + "N | summarize count() by s")[1] == []


def test_lists_follow_the_order_of_sorted_rows(ask: Ask) -> None:
    """make_list and make_set keep the order that sort made."""
    columns, rows = ask(SALES + "S | sort by n desc | summarize make_list(n), make_set(k)")
    assert plain(rows[0], columns) == [[4, 2, 1], ["b", "a"]]


def test_star_gives_every_other_column(ask: Ask) -> None:
    """arg_max(t, *) gives the keys, t, and then the other columns in their order."""
    columns, rows = ask(SALES + "S | summarize arg_max(t, *) by k | project-away d, p")
    assert [name for name, _ in columns] == ["k", "t", "n", "r", "s", "b"]
    assert ("b", "2026-01-02 00:00:00", 4, 4.5, "x", True) in rows


def test_values_of_one_row_belong_together(ask: Ask) -> None:
    """take_any(*) and arg_max(…) never mix rows, nulls or not."""
    _, rows = ask(SALES + "S | summarize take_any(n, s, r) by k | where k == 'b'")
    assert rows in ([("b", None, "y", None)], [("b", 4, "x", 4.5)])


def test_every_aggregate_is_tested() -> None:
    """No aggregate is translated whose value nobody looked at."""
    called = {name for what, _, _ in WHOLE for name in re.findall(r"(\w+)\(", what)}
    assert set(AGGREGATES) - called == set()
