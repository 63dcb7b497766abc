"""The queries that Update Management published, verbatim, give exactly their columns and rows."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from query.bounds import day_bounds, evaluator, first_days
from query.gate import check_query
from query.kql import tree
from query.kql.parser import parse
from query.kql.translate import translate

PUBLISHED = Path(__file__).parents[4] / "shared" / "kql" / "update-management.jsonl"
# Any: JSON.
Case = dict[str, Any]
CASES: list[Case] = [json.loads(line) for line in PUBLISHED.open(encoding="utf-8")] if PUBLISHED.is_file() else []
NAMES = [case["name"] for case in CASES]


def sort_columns(case: Case) -> list[int]:
    """The places of the columns that the query sorts by last, of those that it still has."""
    query = parse(case["query"]).result
    assert isinstance(query, tree.Query)
    keys = [step.keys for step in query.operators if isinstance(step, tree.Sort | tree.Top)][-1]
    names = [key.value.text for key in keys if isinstance(key.value, tree.Name)]
    return [place for place, (name, _) in enumerate(case["columns"]) if name in names]


@pytest.mark.skipif(not CASES, reason="the shared queries are not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_published_query_gives_its_rows(update_management: Any, comparable: Callable[..., Any], case: Case) -> None:
    """Columns, types, rows and order are those that were published for the fixture; rows that tie may change places."""
    answer = update_management.ask(case["query"])

    types = [type_ for _, type_ in case["columns"]]
    assert [list(column) for column in answer.columns] == case["columns"]
    expected = comparable([[as_json(v, t) for v, t in zip(row, types, strict=True)] for row in case["rows"]], types)
    given = comparable([[from_json(v, t) for v, t in zip(row, types, strict=True)] for row in answer.rows], types)
    assert sorted(given, key=repr) == sorted(expected, key=repr)
    if case["ordered"] and len(expected) > 1:
        places = sort_columns(case)
        assert [[row[place] for place in places] for row in given] == [[row[p] for p in places] for row in expected]


def as_json(value: object, type_: str) -> object:
    return json.dumps(value, sort_keys=True) if type_ == "dynamic" and value is not None else value


def from_json(value: object, type_: str) -> object:
    return json.dumps(json.loads(str(value)), sort_keys=True) if type_ == "dynamic" and value is not None else value


@pytest.mark.skipif(not CASES, reason="the shared queries are not beside this checkout")
def test_recent_questions_open_recent_days_only(update_management: Any) -> None:
    """``TimeGenerated > ago(14h)`` reaches the SELECT that reads the table, so that older files stay closed."""
    connection = update_management.connection
    names = list(update_management.schema().tables)
    bounded: dict[str, dict[str, date]] = {}
    for case in CASES:
        sql = translate(case["query"], update_management.schema()).sql
        bounds = day_bounds(check_query(connection, sql, names), connection)
        bounded |= {case["name"]: first_days(bounds, evaluator(connection, {}))}

    yesterday = date(2026, 11, 19)
    recent = {name: days for name, days in bounded.items() if "ago(" in CASES[NAMES.index(name)]["query"]}
    assert recent
    assert all(days and min(days.values()) >= yesterday for days in recent.values())
