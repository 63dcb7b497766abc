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
from tests.query.dialects.examples import sql_of, values_of

SAMPLE = Path(__file__).parents[2] / "sample-data"
NOW = datetime.fromisoformat((SAMPLE / "now.txt").read_text("ascii").strip())


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """Our engine over the sample store."""
    with QueryEngine(SAMPLE / "tables", tmp_path_factory.mktemp("temp"), Limits(seconds=60.0), NOW) as opened:
        yield opened


@pytest.mark.parametrize("query", find_queries(), ids=lambda query: query.name)
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
    """Whether Spark's value is ours: times are aware UTC here and naive in a session of that zone there.

    Fractions are the same to 12 digits: sums of them depend on the order of the rows, in either engine.
    """
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one.replace(tzinfo=UTC) == other.replace(tzinfo=UTC)
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal):
        return math.isclose(one, other, rel_tol=1e-12)
    return bool(type(one) is type(other) or (one is None) == (other is None)) and one == other
