"""Examples of KQL's documentation with the output that it prints."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[4] / "shared" / "kql" / "kusto-docs.jsonl"
# Any: JSON.
Case = dict[str, Any]
CASES: list[Case] = [json.loads(line) for line in EXAMPLES.open(encoding="utf-8")] if EXAMPLES.is_file() else []

# What innerunique takes of several rows of the left is open: these columns may hold another of their values.
ANY_OF_LEFT = {"docs/join-innerunique": "Value1", "docs/join-innerunique-3": "value"}
SKIPPED = {
    "docs/range-function-3": "the printed output is a broken table, no values",
    "docs/make-datetime-function-3": "has 100 ns, which are rounded to microseconds",
    "docs/datetime-diff-function": "counts 100 ns, and our times have microseconds",
}


@pytest.mark.skipif(not CASES, reason="the shared examples are not beside this checkout")
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_example_gives_its_output(update_management: Any, comparable: Callable[..., Any], case: Case) -> None:
    """Columns, types and rows are those that the documentation prints."""
    if case["name"] in SKIPPED:
        pytest.skip(SKIPPED[case["name"]])
    open_column = ANY_OF_LEFT.get(case["name"])

    answer = update_management.ask(case["query"])

    assert [list(column) for column in answer.columns] == case["columns"]
    names, types = [name for name, _ in case["columns"]], [type_ for _, type_ in case["columns"]]
    given = comparable([[parsed(v, t) for v, t in zip(row, types, strict=True)] for row in answer.rows], types)
    expected = comparable(case["rows"], types)
    if open_column:
        place = names.index(open_column)
        given, expected = ([[*row[:place], *row[place + 1 :]] for row in rows] for rows in (given, expected))
    if not case["ordered"]:
        given, expected = in_one_order(given), in_one_order(expected)
    assert given == expected


def parsed(value: object, type_: str) -> object:
    """Printed tables lose the spaces around texts."""
    if type_ == "string" and isinstance(value, str):
        return value.strip()
    return json.loads(str(value)) if type_ == "dynamic" and value is not None else value


def in_one_order(rows: list[list[object]]) -> list[list[object]]:
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
