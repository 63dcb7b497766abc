"""What is wrong with a query is said with its place, and with what to write instead."""

import json
from pathlib import Path

import pytest

from query.kql.errors import KqlProblem
from query.kql.parser import parse

CASES = [json.loads(line) for line in Path(__file__).with_name("broken-queries.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["query"][:60])
def test_broken_query_says_what_to_write(case: dict[str, object]) -> None:
    """The line, the column and the whole message, for each broken query of the table."""
    query = str(case["query"])
    with pytest.raises(KqlProblem) as caught:
        parse(query)
    before = query[: caught.value.span.start]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert (str(caught.value), *place) == (case["message"], case["line"], case["column"])


def test_table_of_broken_queries_is_long() -> None:
    """The table covers far more than a handful of slips."""
    assert len(CASES) > 250


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["query"][:60])
def test_message_is_one_sentence(case: dict[str, object]) -> None:
    """One line, ended, and short enough for a terminal's width or two."""
    message = str(case["message"])
    assert message.endswith((".", "?"))
    assert "\n" not in message
    assert len(message) <= 160
