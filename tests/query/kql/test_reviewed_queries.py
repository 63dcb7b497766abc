"""Queries whose answer in Kusto is known for certain, found wrong or refused once: columns, rows and their order."""

import json

import pytest

from fleet.errors import QueryRefused
from tests.query.kql.conftest import Kusto

PAIRS = 'datatable(g:string, x:long)["a", 1, "a", 2, "b", 3]'
NESTED = 'datatable(s:string, t:string, v:long)["a","x",5, "a","y",3, "a","z",1, "b","x",2, "c","q",1]'
PARTS = 'datatable(s:string, v:long)["a", 5, "a", 3, "b", 2]'

# The query, its columns, its rows; sorted where the query does not say in which order they come.
ANSWERS: list[tuple[str, list[str], list[tuple[object, ...]]]] = [
    (
        f"{PAIRS} | serialize c = row_cumsum(x, g != prev(g)), r = row_number(1, g != prev(g))",
        ["g", "x", "c", "r"],
        [("a", 1, 1, 1), ("a", 2, 3, 2), ("b", 3, 3, 1)],
    ),
    (
        f"{PAIRS} | sort by g asc, x | extend r = row_number(1, prev(g) != g), p = prev(row_number()) | where r==1",
        ["g", "x", "r", "p"],
        [("a", 2, 1, None), ("b", 3, 1, 2)],
    ),
    (
        (
            'datatable(g:string, x:long)["a",5, "a",5, "b",3, "b",2] | sort by g asc, x desc '
            "| project g, x, d = row_rank_dense(x), e = row_rank_dense(x, g != prev(g))"
        ),
        ["g", "x", "d", "e"],
        [("a", 5, 1, 1), ("a", 5, 1, 1), ("b", 3, 2, 1), ("b", 2, 3, 2)],
    ),
    (
        "datatable(x:long)[3, 1, 2, 2] | sort by x asc | where row_cumsum(x) > 2 | extend n = next(x, 1, -1)",
        ["x", "n"],
        [(2, 2), (2, 3), (3, -1)],
    ),
    (
        (
            "datatable(x:dynamic)[dynamic([3, 1]), dynamic([9, 8, 10])] | mv-apply e = x to typeof(long) on "
            "(sort by e asc | extend r = row_number(), p = prev(e) | where r == 2) | project e, r, p"
        ),
        ["e", "r", "p"],
        [(3, 2, 1), (9, 2, 8)],
    ),
    (f"let L = {PAIRS}; L | where x == 1 | join kind=inner L on x | project-away *1", ["g", "x"], [("a", 1)]),
    (
        f"{NESTED} | top-nested 2 of s by sum(v), top-nested 2 of t by sum(v) | sort by s asc, t asc",
        ["s", "aggregated_s", "t", "aggregated_t"],
        [("a", 9, "x", 5), ("a", 9, "y", 3), ("b", 2, "x", 2)],
    ),
    (
        f"{NESTED} | top-nested of s by max(v), top-nested 1 of t by m = sum(v) asc | sort by s asc",
        ["s", "aggregated_s", "t", "m"],
        [("a", 5, "z", 1), ("b", 2, "x", 2), ("c", 1, "q", 1)],
    ),
    (
        "print a = extract_all(@'(?P<first>\\w)(?P<rest>\\w+)', dynamic(['rest', 1]), 'ab cd')",
        ["a"],
        [([["b", "a"], ["d", "c"]],)],
    ),
    (
        (
            """print s = '{"a": {"b c": [7, "x"]}}' | project s1 = extract_json("$.a['b c'][1]", s), """
            """n=extractjson("$.a['b c'][0]", s, typeof(long)), t=extract_json("$.a", s), z = extract_json("$.q", s)"""
        ),
        ["s1", "n", "t", "z"],
        [("x", 7, {"b c": [7, "x"]}, "")],
    ),
    (
        "union withsource=T (print a = 1), (datatable(a:long)[2]) | sort by a asc",
        ["T", "a"],
        [("union_arg0", 1), ("union_arg1", 2)],
    ),
    (f"{PARTS} | sample-distinct 5 of s | sort by s asc", ["s"], [("a",), ("b",)]),
    (f"{PARTS} | top-hitters 1 of s", ["s", "approximate_count_s"], [("a", 2)]),
    (f"{PARTS} | top-hitters 1 of s by v", ["s", "approximate_sum_v"], [("a", 8)]),
    (f"{PARTS} | partition by s (top 1 by v) | sort by s asc", ["s", "v"], [("a", 5), ("b", 2)]),
    (
        f"{PARTS} | partition hint.strategy=native by s (summarize n = count(), sum(v)) | sort by n desc",
        ["n", "sum_v"],
        [(2, 8), (1, 2)],
    ),
    (
        f"{PARTS} | partition by s (sort by v asc | extend r = row_number(), c = row_cumsum(v)) | sort by s asc, r asc",
        ["s", "v", "r", "c"],
        [("a", 3, 1, 3), ("a", 5, 2, 8), ("b", 2, 1, 2)],
    ),
]


@pytest.mark.parametrize(("query", "names", "rows"), ANSWERS, ids=[query[:70] for query, _, _ in ANSWERS])
def test_answer(kusto: Kusto, query: str, names: list[str], rows: list[tuple[object, ...]]) -> None:
    """Names, values and order are those of Kusto."""
    answer = kusto.ask(query)

    assert answer.names == names
    assert [tuple(map(_plain, row)) for row in answer.rows] == rows


def _plain(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value


REFUSED = [
    (f"{PARTS} | partition by s (as X | where v > toscalar(X | summarize avg(v)))", "as is not translated inside"),
    (f"{PARTS} | partition by s (where v > 2 | count)", "Filter before partition"),
    (f"{PARTS} | partition by s (getschema)", "inside of partition"),
    (f"{PARTS} | partition by s {{ T }}", "round brackets"),
    (f"{PARTS} | top-nested 2 of s with others = 'o' by count()", "'with others' is not translated"),
    (
        "datatable(d:dynamic)[dynamic([[1]])] | mv-apply a = d on (mv-apply b = a on (summarize count()))",
        "inside of another",
    ),
    ("datatable(d:dynamic)[dynamic([1])] | mv-apply a = d on (getschema)", "inside of mv-apply"),
    (f"{PARTS} | summarize max(row_number(1, v > 2))", ""),
]


@pytest.mark.parametrize(("query", "part"), REFUSED, ids=[query[-60:] for query, _ in REFUSED])
def test_what_has_no_exact_form_is_refused(kusto: Kusto, query: str, part: str) -> None:
    """No wrong rows: a message says what to write."""
    with pytest.raises(QueryRefused) as caught:
        kusto.ask(query)

    assert part in str(caught.value)
    assert caught.value.position is not None
