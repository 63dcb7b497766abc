"""Calls that rest on no column and no clock, computed by DuckDB itself: what is left to say is their value."""

import duckdb
from duckdb import DuckDBPyConnection
from sqlglot import exp

from query.clock import CLOCK_FUNCTIONS
from query.dialects.kinds import Kind, kind
from query.dialects.literals import literal

_KINDS = (Kind.TEXT, Kind.INTEGER, Kind.REAL, Kind.BOOL, Kind.TIME, Kind.DAY)
_TIED = (exp.Column, exp.Query, exp.AggFunc, exp.Window, exp.Explode, exp.CurrentDate, exp.CurrentTimestamp, exp.Star)


def fold_constants(connection: DuckDBPyConnection, tree: exp.Query) -> exp.Query:
    """``tree`` with the values of such calls; one that fails stays, to be refused or to fail there too."""
    for node in list(tree.walk(bfs=False)):
        if node.parent is not None and node.root() is tree and _is_call(node) and _is_free(node):
            value = _value(connection, node)
            if value is not None:
                value.type = node.type
                node.replace(value)
    return tree


def _is_call(node: exp.Expr) -> bool:
    if isinstance(node.parent, exp.Anonymous) and node.parent.name.casefold().startswith("to_"):
        return not isinstance(node, exp.Literal)
    if isinstance(node, exp.If) and isinstance(node.parent, exp.Case):
        return False  # WHEN … THEN …: sqlglot has a branch of CASE as it has if(), but it has no value of its own.
    return isinstance(node, exp.Func | exp.Case) and not isinstance(node, exp.And | exp.Or) and not _is_plain_cast(node)


def _is_plain_cast(node: exp.Expr) -> bool:
    return isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal | exp.Null)


def _is_free(node: exp.Expr) -> bool:
    names = {part.name.casefold() for part in node.find_all(exp.Anonymous)}
    return kind(node) in _KINDS and not node.find(*_TIED) and not names & CLOCK_FUNCTIONS and not _has_clock(node)


def _has_clock(node: exp.Expr) -> bool:
    return any(part.meta.get("clock") or part.meta.get("pinned") for part in node.walk())


def _value(connection: DuckDBPyConnection, node: exp.Expr) -> exp.Expr | None:
    try:
        row = connection.execute(f"SELECT {node.sql('duckdb')}").fetchone()
    except duckdb.Error:
        return None
    if row is None or row[0] is None:
        return exp.cast(exp.Null(), node.type) if node.type is not None else None
    return literal(row[0])
