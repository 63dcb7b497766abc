"""Which columns a query needs."""

import duckdb
import pytest

from fleet.tables import TABLES
from query.column_use import columns_named
from query.gate import check_query


def named(sql: str) -> dict[str, bool]:
    """For each table of ``sql`` whether Title, which it does not name, is left out."""
    query = check_query(duckdb.connect(), sql, [table.name for table in TABLES])
    return {name: columns is not None and "title" not in columns for name, columns in columns_named(query).items()}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT Computer FROM Update",
        "SELECT count(*) FROM Update",
        "WITH a AS (SELECT * FROM Update) SELECT Computer FROM a",
        "WITH a AS (SELECT * FROM Update), b AS (SELECT *, 1 AS n FROM a WHERE n) SELECT DISTINCT Computer FROM b",
        "SELECT Computer FROM (SELECT * FROM Update) ORDER BY Computer",
        "SELECT Computer FROM Update WHERE EXISTS (SELECT 1)",
    ],
)
def test_columns_that_nothing_names_or_shows_are_left_out(sql: str) -> None:
    """A star inside, whose reader names columns, shows none."""
    assert named(sql) == {"Update": True}


@pytest.mark.parametrize(
    "sql",
    [
        "FROM Update",
        "SELECT u.* EXCLUDE (Computer) FROM Update AS u",
        "WITH a AS (SELECT * FROM Update) FROM a",
        "WITH a AS (SELECT * FROM Update) SELECT a FROM a",
        "SELECT u FROM Update AS u",
        "SELECT count(DISTINCT Update) FROM Update",
        "SELECT count(*) FROM (SELECT DISTINCT * FROM Update)",
        "SELECT count(*) FROM (FROM Update UNION FROM Update)",
        "WITH a(x) AS (SELECT * FROM Update) SELECT x FROM a",
        "SELECT x FROM Update AS u(x)",
        "SELECT x FROM (FROM Update) AS u(x)",
        "SELECT COLUMNS('T.*') FROM Update",
        "SELECT #3 FROM Update",
        "SELECT Computer FROM Update ORDER BY ALL",
        "SELECT count(COLUMNS(*)) FROM Update",
        "SELECT Computer FROM Update NATURAL JOIN (SELECT 1 AS one)",
        "SELECT * FROM (PIVOT Update ON OSType IN ('Linux') USING count(*))",
        "SELECT 'tItLe' AS name FROM Update",
    ],
)
def test_columns_that_are_shown_or_named_in_any_way_are_kept(sql: str) -> None:
    """In doubt a column is needed."""
    assert named(sql) == {"Update": False}


def test_a_star_keeps_the_columns_of_its_own_tables_only() -> None:
    """The other table of the query is narrowed."""
    assert named("SELECT * FROM Update WHERE Computer IN (SELECT Computer FROM UpdateHistory)") == {
        "Update": False,
        "UpdateHistory": True,
    }
