"""Rows of our translation and of duckdb-kql's, over the same tables.

Development only: `make test-kql-oracles` installs duckdb-kql (PyPI) into an environment of its own; without it, or
without the test data of ../shared, these tests are skipped. Only its SQL is used: DuckDB is ours.
"""

import json
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from fleet.errors import PatchdeckError
from tests.query.kql.conftest import Kusto

HERE = Path(__file__).parent
PYTHON = Path(__file__).parents[4] / ".cache" / "kql-oracles" / "venv" / "bin" / "python"
DIFFERENCES = tomllib.loads((HERE / "differences.toml").read_text("utf-8"))["rows"]

Comparable = Callable[[Sequence[Sequence[object]], Sequence[str]], list[list[object]]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Names of columns, and rows."""

    names: list[str]
    rows: list[tuple[object, ...]]


def authored() -> list[str]:
    """Our own queries in the style of Azure Monitor and of hunters."""
    return [query.strip("\n") for query in (HERE.parent / "authored-queries.kql").read_text("utf-8").split("\n---\n")]


def duckdb_kql_sql(queries: list[str]) -> list[str | None]:
    """The SQL that duckdb-kql makes of queries; None where it makes none."""
    answer = subprocess.run(
        [str(PYTHON), str(HERE / "duckdb_kql_sql.py")],
        input="\n".join(json.dumps(query) for query in queries),
        capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    return [json.loads(line)["sql"] for line in answer.stdout.splitlines()]


def rows_of(kusto: Kusto, sql: str) -> Rows | None:
    """What SQL answers, without the partition that no KQL names; None where it fails."""
    try:
        found = kusto.connection.execute(sql)
        names, rows = [column[0] for column in found.description], found.fetchall()
    except duckdb.Error:
        return None
    kept = [index for index, name in enumerate(names) if name != "Day"]
    return Rows([names[index] for index in kept], [tuple(row[index] for index in kept) for row in rows])


@pytest.mark.skipif(not PYTHON.exists(), reason="duckdb-kql is not installed: make test-kql-oracles")
def test_rows_are_the_same(update_management: Kusto, comparable: Comparable) -> None:
    """Where both answer, the answers are the same, or the difference is listed with its reason."""
    queries = authored()
    differing, same = [], 0
    for query, sql in zip(queries, duckdb_kql_sql(queries), strict=True):
        try:
            ours = update_management.ask(query)
        except PatchdeckError:
            continue
        theirs = rows_of(update_management, sql) if sql else None
        if theirs is None:
            continue
        types = [type_ for _, type_ in ours.columns]
        is_same = theirs.names == ours.names and sorted(map(repr, comparable(ours.rows, types))) == sorted(
            map(repr, comparable(theirs.rows, types))
        )
        same += is_same
        if not is_same:
            differing.append(query)
    assert same > 150
    assert sorted(differing) == sorted(DIFFERENCES)
