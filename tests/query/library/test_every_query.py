"""What holds for every predefined query: over the sample fleet, and over nothing."""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable, write_deltalake

from fleet.tables import TABLES, TableKind
from query.engine import QueryEngine
from query.language import QueryLanguage
from query.library import SavedQuery, find_queries
from query.limits import Limits
from query.results import Result

SAMPLE = Path(__file__).parents[3] / "sample-data"
QUERIES = find_queries()
GROUPS = {
    "Compliance",
    "Missing updates",
    "Deployment history",
    "Reboots",
    "Ageing and exposure",
    "Trends",
    "Fleet hygiene",
    "Audit",
    "Alerts",
    "Windows",
}
# Numbers whose name does not say what is counted or measured; a column of such an ending has a unit.
MEASURED = ("Days", "Hours", "Minutes", "Seconds", "Bytes", "Percent")
# Those that ask for what only their user knows.
GIVEN = {"cve": "CVE-2026-*", "kb": "KB890830", "machine": "web-*"}


# What was asked over the sample already: three tests look at the same answers.
_ANSWERS: dict[str, Result] = {}


def engine_over(tables_dir: Path, temp_dir: Path) -> QueryEngine:
    now = datetime.fromisoformat((SAMPLE / "now.txt").read_text().strip())
    return QueryEngine(tables_dir, temp_dir, Limits(rows=None, threads=2), now)


def answer(engine: QueryEngine, query: SavedQuery) -> Result:
    return ask(engine, query, {})


def answer_of_sample(engine: QueryEngine, query: SavedQuery) -> Result:
    if query.name not in _ANSWERS:
        _ANSWERS[query.name] = answer(engine, query)
    return _ANSWERS[query.name]


def ask(engine: QueryEngine, query: SavedQuery, given: Mapping[str, object]) -> Result:
    needed = {p.name: GIVEN[p.name] for p in query.parameters if p.default is None}
    more = {} if query.language is QueryLanguage.SQL else {"language": query.language}
    return engine.run(query.text, query.values({**needed, **given}), **more)  # type: ignore[arg-type]  # several types


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """An engine over the sample fleet, as it is stored."""
    with engine_over(SAMPLE / "tables", tmp_path_factory.mktemp("temp")) as engine:
        yield engine


@pytest.fixture(scope="module")
def shuffled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """An engine over the same rows, stored in another order."""
    folder = tmp_path_factory.mktemp("shuffled")
    for table in TABLES:
        stored = SAMPLE / "tables" / table.name
        if not stored.exists():
            continue
        rows = pl.concat([pl.read_parquet(uri, hive_partitioning=True) for uri in DeltaTable(stored).file_uris()])
        order = random.Random(4).sample(range(rows.height), rows.height)  # no secret
        days = ["Day"] if table.kind is TableKind.HISTORY else None
        write_deltalake(folder / table.name, rows[order], partition_by=days)
    with engine_over(folder, tmp_path_factory.mktemp("temp")) as engine:
        yield engine


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryEngine]:
    """An engine over a home in which nothing was stored yet."""
    with engine_over(tmp_path_factory.mktemp("none"), tmp_path_factory.mktemp("temp")) as engine:
        yield engine


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_answer_is_described(sample: QueryEngine, query: SavedQuery) -> None:
    """The header speaks of columns that are there, gives measures a unit, and draws what can be drawn."""
    result = answer_of_sample(sample, query)

    names = [column.name for column in result.columns]
    units = {column.name: column.unit for column in query.columns}
    assert result.rows
    assert set(units) <= set(names)
    assert [name for name in names if name.endswith(MEASURED) and not units.get(name)] == []
    assert query.chart is None or {query.chart.x, *query.chart.y} <= set(names)
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_answer_has_one_order_however_rows_are_stored(
    sample: QueryEngine, shuffled: QueryEngine, query: SavedQuery
) -> None:
    """The same rows in the same order, twice."""
    assert answer_of_sample(sample, query).rows == answer(shuffled, query).rows


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_empty_tables_are_no_error(empty: QueryEngine, query: SavedQuery) -> None:
    """And nothing in them is compliant, or anything else."""
    rows = answer(empty, query).rows

    assert not any(value == "compliant" for row in rows for value in row)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.name)
def test_every_choice_can_be_asked_for(sample: QueryEngine, query: SavedQuery) -> None:
    """Of every parameter that has choices."""
    for parameter in query.parameters:
        for choice in parameter.choices:
            is_usual = choice == parameter.default
            assert (answer_of_sample(sample, query) if is_usual else ask(sample, query, {parameter.name: choice})).rows


def test_groups_are_those_that_admins_look_for() -> None:
    """A query belongs to one of them, and lies in its folder."""
    assert {query.group for query in QUERIES} == GROUPS
    assert [q.name for q in QUERIES if q.path.parent.name != q.group.lower().replace(" ", "-")] == []
