"""Steps that take values apart or put them in series: mv-expand, mv-apply, parse, make-series."""

import json
from typing import Any

import pytest

DATA = """let T = datatable (k: string, d: dynamic, e: dynamic) [
    'a', dynamic([1, 2]), dynamic(['x']),
    'b', dynamic({"p": 1, "q": [2]}), dynamic([]),
    'c', dynamic([]), dynamic([]),
    'n', dynamic(null), dynamic(null),
    's', dynamic(5), dynamic(['y', null, 'z'])];
"""

CASES = [
    ("T | mv-expand d | project k, d", [("a", 1), ("a", 2), ("b", {"p": 1}), ("b", {"q": [2]}), ("n", None), ("s", 5)]),
    ("T | mv-expand kind=array d | where k == 'b' | project d", [(["p", 1],), (["q", [2]],)]),
    (
        "T | mv-expand d, e | where k in ('a', 's') | project k, d, e",
        [("a", 1, "x"), ("a", 2, None), ("s", 5, "y"), ("s", None, None), ("s", None, "z")],
    ),
    (
        "T | mv-expand x = d to typeof(long) | project k, x",
        [("a", 1), ("a", 2), ("b", None), ("b", None), ("n", None), ("s", 5)],
    ),
    ("T | mv-expand e to typeof(string) | project k, e", [("a", "x"), ("n", ""), ("s", "y"), ("s", ""), ("s", "z")]),
    ("T | mv-expand with_itemindex=i e | where k == 's' | project i, e", [(0, "y"), (1, None), (2, "z")]),
    ("T | mv-expand e limit 1 | project k, e", [("a", "x"), ("n", None), ("s", "y")]),
    ("T | mv-expand parse_json('[1,2]') | where k == 'a' | count", [(2,)]),
    ("T | where k == 'a' | mv-expand d | extend d = toint(d) + 1 | project d", [(2,), (3,)]),
    ("T | where k == 'a' | mv-apply d to typeof(long) on (top 1 by d) | project k, d", [("a", 2)]),
    (
        "T | mv-apply x = d to typeof(long) on (summarize s = sum(x)) | project k, s",
        [("a", 3), ("b", 0), ("n", 0), ("s", 5)],
    ),
    ("T | mv-apply x = d to typeof(long) on (where x > 1 | project y = x * 10) | project k, y", [("a", 20), ("s", 50)]),
    (
        "T | where k == 'a' | mv-apply with_itemindex=i x = d to typeof(long) on (where i == 1) | project x",
        [(2,)],
    ),
    ("T | mv-apply x = e to typeof(string) on (count) | project k, Count", [("a", 1), ("n", 1), ("s", 3)]),
    (
        "T | where k == 's' | mv-apply e to typeof(string) on (sort by e | summarize l = make_list(e)) | project l",
        [(["z", "y", ""],)],
    ),
    ("T | mv-apply x = d on (distinct k)| project k", [("a",), ("b",), ("n",), ("s",)]),
    # parse
    (
        "print t = 'id=7, name=web-01; up' | parse t with 'id=' id: long ', name=' name ';' rest",
        [("id=7, name=web-01; up", 7, "web-01", " up")],
    ),
    ("print t = 'x id=7 y' | parse t with * 'id=' id: long * | project id", [(7,)]),
    ("print t = 'other' | parse t with 'id=' id: long ', name=' name | project id, name", [(None, "")]),
    ("print t = 'id=x, name=b' | parse t with 'id=' id: long ', name=' name | project id, name", [(None, "")]),
    (
        "print t = 'id=x, name=b' | parse kind=relaxed t with 'id=' id: long ', name=' name | project id, name",
        [(None, "b")],
    ),
    ("datatable (t: string) ['id=1', 'no', 'id=x'] | parse-where t with 'id=' id: long | project id", [(1,)]),
    ("datatable (t: string) ['id=1', 'no', 'id=x'] | parse-where t with 'id=' id | project id", [("1",), ("x",)]),
    ("print t = 'a.b(c)' | parse t with x '.b(' y ')' | project x, y", [("a", "c")]),
    ("print t = 'aXXb-1' | parse kind=regex t with x 'X+' y '-' z: long | project x, y, z", [("aX", "b", 1)]),
    ("print t = 'aXXb-1' | parse kind=regex flags=Ui t with x 'x+' y '-' z: long | project x, z", [("a", 1)]),
    ("print t = 'a=1', n = 5 | parse t with * '=' n: long | project n, t", [(1, "a=1")]),
    # make-series
    (
        "range x from 1 to 5 step 1 | where x != 3 | make-series c = count() on x from 1 to 6 step 1",
        [([1, 1, 0, 1, 1], [1, 2, 3, 4, 5])],
    ),
    (
        "range x from 1 to 5 step 1 | make-series s = sum(x) default = -1 on x from 0 to 8 step 2 by o = x % 2",
        [(0, [-1, 2, 4, -1], [0, 2, 4, 6]), (1, [1, 3, 5, -1], [0, 2, 4, 6])],
    ),
    ("range x from 1 to 4 step 1 | make-series avg(x) on x step 2", [([1.0, 2.5, 4.0], [0, 2, 4])]),
    (
        "print t = datetime(2026-11-20 10:30) | make-series n = count() on t from ago(2h) to now() step 1h",
        [([1, 0], ["2026-11-20T10:00:00.0000000Z", "2026-11-20T11:00:00.0000000Z"])],
    ),
    ("range x from 1 to 0 step 1 | make-series count() on x from 1 to 3 step 1", []),
]


@pytest.mark.parametrize(("query", "rows"), CASES, ids=[query for query, _ in CASES])
def test_values_are_taken_apart_and_put_together(kusto: Any, query: str, rows: list[Any]) -> None:
    """Rows in any order, by value."""
    answer = kusto.ask(DATA + query)

    types = [type_ for _, type_ in answer.columns]
    given = [tuple(read(value, type_) for value, type_ in zip(row, types, strict=True)) for row in answer.rows]
    assert sorted(given, key=repr) == sorted(rows, key=repr)


def read(value: object, type_: str) -> object:
    return json.loads(str(value)) if type_ == "dynamic" and value is not None else value


def test_elements_keep_their_order_within_sorted_rows(kusto: Any) -> None:
    """The order of the rows comes first, then that of the elements."""
    query = DATA + "T | sort by k desc | mv-expand e to typeof(string) | project k, e"

    assert kusto.ask(query).rows == [("s", "y"), ("s", ""), ("s", "z"), ("n", ""), ("a", "x")]
