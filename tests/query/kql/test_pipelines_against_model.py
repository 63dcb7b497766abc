"""Random pipes over random tables give what a plain reading of KQL in Python gives."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Row = dict[str, Any]
Rows = list[Row]
Step = tuple[str, Callable[[Rows], Rows]]

NUMBERS = st.one_of(st.none(), st.integers(-3, 3))
TEXTS = st.sampled_from(["", "a", "b", "A"])
TABLES = st.lists(st.builds(lambda n, m, s: {"n": n, "m": m, "s": s}, NUMBERS, NUMBERS, TEXTS), max_size=7)


def written(rows: Rows) -> str:
    """A table as KQL."""
    cells = [f"{number(row['n'])}, {number(row['m'])}, '{row['s']}'" for row in rows]
    return f"datatable (n: long, m: long, s: string) [{', '.join(cells)}]"


def number(value: int | None) -> str:
    return "long(null)" if value is None else str(value)


def sort_key(row: Row) -> tuple[Any, ...]:
    """Nulls first, as ``asc`` has them."""
    return tuple((value is not None, value if value is not None else 0) for value in row.values())


def where_greater(limit: int) -> Step:
    return f"where n > {limit}", lambda rows: [row for row in rows if row["n"] is not None and row["n"] > limit]


def where_other(value: int) -> Step:
    return f"where n != {value}", lambda rows: [row for row in rows if row["n"] != value]


def where_text(value: str) -> Step:
    return f"where s == '{value}' or m == 1", lambda rows: [row for row in rows if row["s"] == value or row["m"] == 1]


def replace_column(more: int) -> Step:
    def add(value: int | None) -> int | None:
        return None if value is None else value + more

    return f"extend n = n + {more}, m = n", lambda rows: [row | {"n": add(row["n"]), "m": row["n"]} for row in rows]


def swap() -> Step:
    return "project n = m, m = n, s", lambda rows: [{"n": r["m"], "m": r["n"], "s": r["s"]} for r in rows]


def summed() -> Step:
    def group(rows: Rows) -> Rows:
        groups: dict[str, Rows] = {}
        for row in rows:
            groups.setdefault(row["s"], []).append(row)
        return [{"n": sum(r["n"] or 0 for r in found), "m": len(found), "s": s} for s, found in groups.items()]

    return "summarize n = sum(n), m = count() by s | project n, m, s", group


def distinct() -> Step:
    return "distinct n, m, s", lambda rows: [dict(pairs) for pairs in dict.fromkeys(tuple(r.items()) for r in rows)]


def first_rows(count: int) -> Step:
    query = f"sort by n asc, m asc, s asc | extend s = strcat(s, '') | take {count}"
    return query, lambda rows: sorted(rows, key=sort_key)[:count]


def doubled() -> Step:
    return "as X | union X", lambda rows: [*rows, *rows]


def joined(kind: str) -> Step:
    def join(rows: Rows) -> Rows:
        right = [row for row in rows if row["n"] is not None and row["n"] > 0]
        return JOINS[kind](rows, right)

    return f"as Y | join kind={kind} (Y | where n > 0) on s", join


def pair(left: Row | None, right: Row | None) -> Row:
    empty = {"n": None, "m": None, "s": ""}
    one, other = left or empty, right or empty
    return {**one, "n1": other["n"], "m1": other["m"], "s1": other["s"]}


def inner(left: Rows, right: Rows) -> Rows:
    return [pair(one, other) for one in left for other in right if one["s"] == other["s"]]


def without(rows: Rows, others: Rows) -> Rows:
    return [row for row in rows if all(row["s"] != other["s"] for other in others)]


def having(rows: Rows, others: Rows) -> Rows:
    return [row for row in rows if any(row["s"] == other["s"] for other in others)]


JOINS: dict[str, Callable[[Rows, Rows], Rows]] = {
    "inner": inner,
    "leftouter": lambda left, right: [*inner(left, right), *(pair(one, None) for one in without(left, right))],
    "rightouter": lambda left, right: [*inner(left, right), *(pair(None, one) for one in without(right, left))],
    "fullouter": lambda left, right: [
        *inner(left, right),
        *(pair(one, None) for one in without(left, right)),
        *(pair(None, one) for one in without(right, left)),
    ],
    "leftanti": without,
    "leftsemi": having,
    "rightanti": lambda left, right: without(right, left),
    "rightsemi": lambda left, right: having(right, left),
}

STEPS = st.one_of(
    st.builds(where_greater, st.integers(-2, 2)),
    st.builds(where_other, st.integers(-1, 1)),
    st.builds(where_text, TEXTS),
    st.builds(replace_column, st.integers(-2, 2)),
    st.builds(swap),
    st.builds(summed),
    st.builds(distinct),
    st.builds(first_rows, st.integers(0, 4)),
    st.builds(doubled),
)
LAST = st.one_of(st.none(), st.sampled_from(sorted(JOINS)).map(joined))


@pytest.fixture(scope="module")
def asked(update_management: Any) -> Any:
    """One connection for all examples; tables are written into the queries."""
    return update_management


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLES, steps=st.lists(STEPS, max_size=4), last=LAST)
def test_pipe_gives_what_the_model_gives(asked: Any, rows: Rows, steps: list[Step], last: Step | None) -> None:
    """Whatever the steps and the rows, as multisets; sort and take in between tell the order."""
    pipe, expected = written(rows), rows
    for query, step in [*steps, *([last] if last else [])]:
        pipe, expected = f"{pipe} | {query}", step(expected)

    answer = asked.ask(pipe)

    given_rows = [dict(zip(answer.names, row, strict=True)) for row in answer.rows]
    assert sorted(map(sort_key, given_rows)) == sorted(map(sort_key, expected))
    if expected:
        assert answer.names == list(expected[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLES, steps=st.lists(STEPS, max_size=2))
def test_sorted_rows_stay_sorted(asked: Any, rows: Rows, steps: list[Step]) -> None:
    """Steps after sort that only choose and compute keep its order."""
    pipe, expected = written(rows), rows
    for query, step in steps:
        pipe, expected = f"{pipe} | {query}", step(expected)
    pipe += (
        " | sort by m desc, n asc, s asc | where s != 'b' | extend x = 1, m = 0 | project-rename z = n | project z, s"
    )
    ordered = sorted(expected, key=lambda row: (row["m"] is None, -(row["m"] or 0), *sort_key(row)))

    answer = asked.ask(pipe)

    assert answer.rows == [(row["n"], row["s"]) for row in ordered if row["s"] != "b"]
