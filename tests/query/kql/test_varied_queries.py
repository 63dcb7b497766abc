"""Queries of every kind pass the gate and run, and DuckDB's types are those that were promised."""

from pathlib import Path
from typing import Any

import pytest

from query.kql.types import KqlType

QUERIES = (Path(__file__).parent / "varied-queries.kql").read_text("utf-8").strip().split("\n---\n")
LEFT = {"k": KqlType.STRING, "a": KqlType.LONG, "b": KqlType.STRING}
RIGHT = {"k": KqlType.STRING, "a": KqlType.REAL, "c": KqlType.DATETIME, "k1": KqlType.INT, "d": KqlType.DYNAMIC}
# DuckDB counts with narrower numbers where they do; what is wider in KQL never overflows for it.
WHOLE = ("INTEGER", "BIGINT")


@pytest.fixture(scope="module")
def two_tables(request: pytest.FixtureRequest) -> Any:
    """Two tables with nulls wherever they may be."""
    kusto = type(request.getfixturevalue("update_management"))()
    kusto.add("L", LEFT, [("a1", 1, '{"x":1}'), ("b", 2, None), (None, None, "[1,2]")])
    moment = "2026-11-20 10:00:00"
    rows = [
        ("a1", 1.5, moment, 1, '{"x":1,"a":[1,2]}'),
        ("b", None, None, None, "[1,2,3]"),
        (None, 2.5, moment, 7, None),
    ]
    kusto.add("R", RIGHT, rows)
    return kusto


@pytest.mark.parametrize("query", QUERIES)
def test_query_runs_and_its_columns_have_their_types(two_tables: Any, query: str) -> None:
    """Texts are never null, and a column of KQL's type is one of DuckDB's that holds it."""
    answer = two_tables.ask(query)

    held = [str(column[1]) for column in two_tables.connection.description]
    for place, ((name, type_), sql_type) in enumerate(zip(answer.columns, held, strict=True)):
        wanted = "VARCHAR" if type_ == "timespan" else KqlType(type_).sql_type.replace(" ", "")
        assert sql_type.replace(" ", "") in ((wanted, *WHOLE) if wanted in WHOLE else (wanted,)), name
        assert type_ != "string" or all(row[place] is not None for row in answer.rows), name
