"""Every predefined query gives the same rows on Spark as here, over the same files and at the same moment."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from query.dialects.engines import Engine
from query.dialects.translate import translate
from query.engine import QueryEngine
from query.library import SavedQuery, find_queries
from query.limits import Limits
from tests.query.dialects.examples import UNSAYABLE, sql_of, values_of

SAMPLE = Path(__file__).parents[2] / "sample-data"
NOW = datetime.fromisoformat((SAMPLE / "now.txt").read_text("ascii").strip())
QUERIES = [query for query in find_queries() if query.name not in UNSAYABLE]

_PLAN = "Spark 4.3 stops in its optimizer: PLAN_VALIDATION_FAILED_RULE_IN_BATCH"
UNPROVED = {
    "cve-wave": _PLAN,
    "machines-lacking-fix": _PLAN,
    "longest-installations": "a quantile differs in its last digit after rounding",
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """Our engine over the sample store."""
    with QueryEngine(SAMPLE / "tables", tmp_path_factory.mktemp("temp"), Limits(seconds=60.0), NOW) as opened:
        yield opened


def cases() -> Iterator[Any]:
    """The queries, with those that are known not to be proved: docs/dialects.md names them too."""
    for query in QUERIES:
        reason = UNPROVED.get(query.name)
        yield pytest.param(
            query, id=query.name, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else []
        )


@pytest.mark.parametrize("query", cases())
def test_spark_gives_the_same_rows(query: SavedQuery, engine: QueryEngine, ask_spark: Any) -> None:
    """Names, values, nulls and order are ours."""
    values = values_of(query)
    sql = sql_of(query)
    ours = engine.run(sql, values)
    text = translate(sql, Engine.SPARK, parameters=values, title=query.title, now=NOW)
    names, rows = ask_spark(text)
    assert names == [column.name for column in ours.columns]
    assert len(rows) == len(ours.rows)
    for index, (theirs, expected) in enumerate(zip(rows, ours.rows, strict=True)):
        for name, one, other in zip(names, theirs, expected, strict=True):
            assert same(one, other), f"row {index}, {name}: {one!r} is not {other!r}"


def same(one: Any, other: Any) -> bool:
    """Whether Spark's value is ours: times are aware UTC there and naive in a session of that zone here."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.replace(tzinfo=UTC) == other.replace(tzinfo=UTC)
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(type(one) is type(other) or (one is None) == (other is None)) and one == other
