"""Steps that take other tables in: join of every kind, lookup, union, search."""

from typing import Any

import pytest

TABLES = """
let L = datatable (k: string, a: long) ['x', 1, 'x', 2, 'y', 3, 'z', 4];
let R = datatable (k: string, a: long, b: string) ['x', 10, 'p', 'y', 20, 'q', 'y', 21, 'r', 'w', 30, 's'];
"""

JOINS = [
    ("L | join kind=inner R on k", ["k", "a", "k1", "a1", "b"],
     [("x", 1, "x", 10, "p"), ("x", 2, "x", 10, "p"), ("y", 3, "y", 20, "q"), ("y", 3, "y", 21, "r")]),
    ("L | join R on k | project k, b", ["k", "b"], [("x", "p"), ("y", "q"), ("y", "r")]),
    ("L | join kind=leftouter R on k | project k, a, k1, b", ["k", "a", "k1", "b"],
     [("x", 1, "x", "p"), ("x", 2, "x", "p"), ("y", 3, "y", "q"), ("y", 3, "y", "r"), ("z", 4, "", "")]),
    ("L | join kind=rightouter R on k | project k, a, b", ["k", "a", "b"],
     [("x", 1, "p"), ("x", 2, "p"), ("y", 3, "q"), ("y", 3, "r"), ("", None, "s")]),
    ("L | join kind=fullouter R on k | project k, a, k1, b", ["k", "a", "k1", "b"],
     [("x", 1, "x", "p"), ("x", 2, "x", "p"), ("y", 3, "y", "q"), ("y", 3, "y", "r"), ("z", 4, "", ""),
      ("", None, "w", "s")]),
    ("L | join kind=leftanti R on k", ["k", "a"], [("z", 4)]),
    ("L | join kind=anti R on k", ["k", "a"], [("z", 4)]),
    ("L | join kind=leftantisemi R on k", ["k", "a"], [("z", 4)]),
    ("L | join kind=rightanti R on k", ["k", "a", "b"], [("w", 30, "s")]),
    ("L | join kind=leftsemi R on k", ["k", "a"], [("x", 1), ("x", 2), ("y", 3)]),
    ("L | join kind=rightsemi R on k", ["k", "a", "b"], [("x", 10, "p"), ("y", 20, "q"), ("y", 21, "r")]),
    ("L | lookup R on k", ["k", "a", "a1", "b"],
     [("x", 1, 10, "p"), ("x", 2, 10, "p"), ("y", 3, 20, "q"), ("y", 3, 21, "r"), ("z", 4, None, "")]),
    ("L | lookup kind=inner (R | project k, b) on k", ["k", "a", "b"],
     [("x", 1, "p"), ("x", 2, "p"), ("y", 3, "q"), ("y", 3, "r")]),
    ("L | join kind=inner (R | project n = k, b) on $left.k == $right.n | project k, n, a, b", ["k", "n", "a", "b"],
     [("x", "x", 1, "p"), ("x", "x", 2, "p"), ("y", "y", 3, "q"), ("y", "y", 3, "r")]),
    ("L | join kind=inner (R | project k, a = a - 9, b) on k, a", ["k", "a", "k1", "a1", "b"],
     [("x", 1, "x", 1, "p")]),
    ("L | join kind=inner (L | extend k1 = 5) on k | where a == 3", ["k", "a", "k2", "a1", "k1"],
     [("y", 3, "y", 3, 5)]),
    ("L | join kind=inner (R | extend K = b) on k | where a == 1 | project k, K", ["k", "K"], [("x", "p")]),
    ("L | where a > 1 | join kind=leftanti (R | where b == 'p') on k", ["k", "a"], [("y", 3), ("z", 4)]),
]  # fmt: skip

UNIONS = [
    ("L | union R | count", ["Count"], [(8,)]),
    ("union L, R | where k == 'y'", ["k", "a", "b"], [("y", 3, ""), ("y", 20, "q"), ("y", 21, "r")]),
    ("union kind=inner L, R | where k == 'y'", ["k", "a"], [("y", 3), ("y", 20), ("y", 21)]),
    ("union withsource=From L, R | where k == 'x'", ["From", "k", "a", "b"],
     [("L", "x", 1, ""), ("L", "x", 2, ""), ("R", "x", 10, "p")]),
    ("union (L | where a == 1), (print k = 5)", ["k_string", "k_long", "a"], [("x", None, 1), ("", 5, None)]),
    ("union isfuzzy=true L, Nowhere | count", ["Count"], [(4,)]),
    ("union (print a = 1, A = 'x'), (print A = 'y')", ["a", "A"], [(1, "x"), (None, "y")]),
    ("L | where a == 4 | union(R | where b == 's')", ["k", "a", "b"], [("z", 4, ""), ("w", 30, "s")]),
    ("L | as X | where a == 1 | union (X | where a == 4)", ["k", "a"], [("x", 1), ("z", 4)]),
    ("search in (L, R) 'y'", ["$table", "k", "a", "b"], [("L", "y", 3, ""), ("R", "y", 20, "q"), ("R", "y", 21, "r")]),
    ("search in (R) b == 'q' or a == 30", ["$table", "k", "a", "b"], [("R", "y", 20, "q"), ("R", "w", 30, "s")]),
    ("R | search '2*' | project a", ["a"], [(20,), (21,)]),
    ("R | search 'p' or a: '30' | project a", ["a"], [(10,), (30,)]),
]  # fmt: skip

CASES = JOINS + UNIONS


@pytest.mark.parametrize(("query", "names", "rows"), CASES, ids=[query for query, *_ in CASES])
def test_other_tables_are_taken_in(kusto: Any, query: str, names: list[str], rows: list[Any]) -> None:
    """Rows in any order, columns in order, by value."""
    answer = kusto.ask(TABLES + query)

    assert answer.names == names
    assert sorted(answer.rows, key=repr) == sorted(rows, key=repr)


def test_texts_that_a_table_has_not_are_empty_after_a_join(kusto: Any) -> None:
    """A null of the stored table is empty as well, on either side."""
    from query.kql.types import KqlType

    kusto.add("T", {"k": KqlType.STRING, "s": KqlType.STRING}, [("a", None), (None, "x")])

    answer = kusto.ask("T | join kind=fullouter (T | where s == 'x') on k")

    assert sorted(answer.rows) == [("", "x", "", "x"), ("a", "", "", "")]


def test_wildcards_name_tables_and_columns(kusto: Any) -> None:
    """A pattern in union means tables of the schema."""
    from query.kql.types import KqlType

    for name in ("UpdateA", "UpdateB", "Other"):
        kusto.add(name, {"n": KqlType.LONG}, [(1,)])

    assert kusto.ask("union withsource=T Update* | project T").rows == [("UpdateA",), ("UpdateB",)]


def test_columns_that_differ_in_case_only_stay_apart_after_a_join(kusto: Any) -> None:
    """OsVersion and OSVersion are two columns; DuckDB would take one for the other."""
    answer = kusto.ask(
        "print k = 1, OsVersion = 'a' | join kind=inner (print k = 1, OSVersion = 'b') on k "
        "| extend both = strcat(OsVersion, OSVersion) | project OSVersion, OsVersion, both"
    )

    assert answer.rows == [("b", "a", "ab")]
