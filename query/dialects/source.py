"""The query to say again: let through by the gate, bound by DuckDB over empty tables, read by sqlglot."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from threading import Lock

import duckdb
import sqlglot
from duckdb import DuckDBPyConnection
from sqlglot import exp
from sqlglot.errors import SqlglotError

from fleet.errors import QueryRefused
from fleet.tables import TABLES
from query.clock import create_clock, set_clock
from query.columns import SQL_TYPES, view_columns
from query.gate import CheckedQuery, check_query
from query.growth import create_growth_limits
from query.macros import Macros
from query.parameters import bind_parameters
from query.problems import explain_error
from query.views import quoted

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)
# Its tables stay empty, and what is computed in it are constants.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "python_enable_replacements": "false",
    "errors_as_json": "true",
    "threads": 1,
    "memory_limit": "256MB",
}
# Binds a query without running it: what it would do over empty tables can take for ever, too.
_DESCRIBE = "DESCRIBE "
_MAKING = Lock()


@dataclass(frozen=True, slots=True)
class Source:
    """A query that DuckDB has bound: its tree by sqlglot, and the names of its columns in order."""

    sql: str
    tree: exp.Query
    columns: tuple[str, ...]
    values: Mapping[str, object]


@contextmanager
def empty_database() -> Iterator[DuckDBPyConnection]:
    """A connection to a database with our tables, all empty, our clock, and our limits to what a call may make."""
    connection = _kept()[0].cursor()
    try:
        set_clock(connection, _ANY_TIME)
        yield connection
    finally:
        connection.close()


def _kept() -> tuple[DuckDBPyConnection, Macros]:
    """The one database of this process, and the macros that are made in it."""
    with _MAKING:
        return _made()


@cache
def _made() -> tuple[DuckDBPyConnection, Macros]:
    """Made once: that takes longer than to say most queries."""
    connection = duckdb.connect(config=_CONFIG)
    create_clock(connection)
    create_growth_limits(connection)
    for table in TABLES:
        columns = ", ".join(f"{quoted(c.name)} {SQL_TYPES[c.type]}" for c in view_columns(table))
        connection.execute(f"CREATE TABLE {quoted(table.name)} ({columns})")
    return connection, Macros(connection)


def read_source(connection: DuckDBPyConnection, sql: str, parameters: Mapping[str, object]) -> Source:
    """``sql`` with its parameters, checked as if it were to be run.

    Raises:
        QueryRefused: it is not one SELECT over the tables, or makes no sense over them.
        UnknownName: a table, column, function or parameter that does not exist.
        BadInput: a parameter has no value.
    """
    checked = check_query(connection, sql, [table.name for table in TABLES])
    values = bind_parameters(checked.parameters, parameters)
    _kept()[1].provide(sql)
    return Source(sql, _parse(sql), _columns(connection, checked, values), values)


def _columns(connection: DuckDBPyConnection, checked: CheckedQuery, values: dict[str, object]) -> tuple[str, ...]:
    try:
        described = connection.execute(f"{_DESCRIBE}{checked.sql}", values).fetchall()
    except duckdb.Error as error:
        names = [column.name for table in TABLES for column in view_columns(table)]
        raise explain_error(error, checked.sql, len(_DESCRIBE), names) from error
    return tuple(str(column[0]) for column in described)


def _parse(sql: str) -> exp.Query:
    try:
        tree = sqlglot.parse_one(sql, read="duckdb", error_level=sqlglot.ErrorLevel.RAISE)
    except (SqlglotError, RecursionError) as error:
        raise QueryRefused(f"The query cannot be said in another dialect: {_first_line(error)}") from error
    if not isinstance(tree, exp.Query):
        raise QueryRefused("The query cannot be said in another dialect: write it as one SELECT.")
    return tree


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or "it is nested too deep."
    return text.splitlines()[0]
