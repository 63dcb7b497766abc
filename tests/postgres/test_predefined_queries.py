"""Every predefined query gives the same rows on PostgreSQL as here, over the same rows and at the same moment."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from query.dialects.engines import Engine
from query.dialects.translate import translate
from query.engine import QueryEngine
from query.library import SavedQuery, find_queries
from tests.postgres.conftest import NOW, AskPostgres
from tests.query.dialects.examples import UNSAYABLE_BY, sql_of, values_of

pytestmark = pytest.mark.soak

QUERIES = [query for query in find_queries() if query.name not in UNSAYABLE_BY[Engine.POSTGRES]]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_postgres_gives_the_same_rows(query: SavedQuery, engine: QueryEngine, ask_postgres: AskPostgres) -> None:
    """Names, values, nulls and order are ours."""
    values = values_of(query)
    sql = sql_of(query)
    ours = engine.run(sql, values)
    rows = ask_postgres(translate(sql, Engine.POSTGRES, parameters=values, title=query.title, now=NOW))
    names = [column.name for column in ours.columns]
    assert len(rows) == len(ours.rows)
    for index, (theirs, expected) in enumerate(zip(rows, ours.rows, strict=True)):
        assert list(theirs) == names
        for name, other in zip(names, expected, strict=True):
            assert same(theirs[name], other), f"row {index}, {name}: {theirs[name]!r} is not {other!r}"


def same(one: Any, other: Any) -> bool:
    """Whether PostgreSQL's value, printed as JSON, is ours; fractions are the same to 12 digits."""
    if isinstance(other, datetime):
        return isinstance(one, str) and datetime.fromisoformat(one).replace(tzinfo=UTC) == other.replace(tzinfo=UTC)
    if isinstance(other, date):
        return bool(one == other.isoformat())
    if isinstance(other, float | Decimal):
        return type(one) in (int, float) and math.isclose(one, other, rel_tol=1e-12)
    if isinstance(other, dict | list):
        return bool((json.loads(one) if isinstance(one, str) else one) == other)
    return type(one) is type(other) and bool(one == other)
