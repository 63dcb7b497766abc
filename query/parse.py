"""From the text of a query to DuckDB's syntax tree: exactly one SELECT, of a size that is safe to parse."""

import json
import re
from dataclasses import dataclass
from typing import cast

import duckdb
from duckdb import DuckDBPyConnection

from fleet.errors import QueryRefused
from query.limits import MAX_QUERY_CHARACTERS
from query.positions import position_at
from query.syntax import Node, children, text
from query.wording import sentence


@dataclass(frozen=True, slots=True)
class _Bounds:
    """The most that a text may have of what makes it slow to parse.

    DuckDB's parser takes time that grows with the square of unclosed brackets: 3,000 took 7 s, and cannot be stopped.
    What we write ourselves closes all of its brackets, and a step of KQL takes more of them than it has characters.
    """

    characters: int
    brackets: int
    depth: int


_BOUNDS = _Bounds(MAX_QUERY_CHARACTERS, 2_000, 100)
_OUR_BOUNDS = _Bounds(10 * MAX_QUERY_CHARACTERS, 200_000, 300)

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/""", re.DOTALL)
_PIVOT = "Write PIVOT as a source, its values listed: SELECT * FROM (PIVOT t ON column IN (value, …) USING count(*))."


def parse_query(connection: DuckDBPyConnection, sql: str, *, is_ours: bool = False) -> Node:
    """The tree of ``sql``, by DuckDB's own parser; nothing is executed. ``is_ours`` where we wrote it: see `_Bounds`.

    Raises:
        QueryRefused: it is empty, too long or too deep, no SQL, not one statement, or not a SELECT.
    """
    _check_text(sql, _OUR_BOUNDS if is_ours else _BOUNDS)
    tree = _serialize(connection, sql)
    if tree.get("error"):
        raise _explain(connection, sql, tree)
    statements = children(tree, "statements")
    if not statements:
        raise QueryRefused("The query is empty.")
    if len(statements) > 1:
        raise QueryRefused(f"One statement at a time: this text has {len(statements)}.")
    return statements[0]


def without_semicolon(connection: DuckDBPyConnection, sql: str) -> str:
    """``sql``, which `parse_query` took, without the semicolons that end it: fit to stand between brackets.

    A semicolon ends the statement if what is before it has the same tree; so quotes and comments are DuckDB's matter.
    """
    tree = _serialize(connection, sql)
    shorter = sql.rstrip("; \t\r\n")
    while _serialize(connection, shorter) == tree:
        sql = shorter
        shorter, semicolon, _ = sql.rpartition(";")
        if not semicolon:
            break
    return sql


def _check_text(sql: str, bounds: _Bounds) -> None:
    if len(sql) > bounds.characters:
        raise QueryRefused(f"The query has {len(sql):,} characters; the limit is {bounds.characters:,}.")
    if any("\ud800" <= character <= "\udfff" for character in sql):
        raise QueryRefused("The query holds half of a UTF-16 surrogate pair, which is no character.")
    if "\0" in sql:
        raise QueryRefused("The query holds a NUL character.", position_at(sql, len(sql.partition("\0")[0].encode())))
    if sum(sql.count(bracket) for bracket in "([{") > bounds.brackets:
        raise QueryRefused(f"The query has more than {bounds.brackets:,} brackets.")
    if _depth(_QUOTED.sub(" ", sql)) > bounds.depth:
        raise QueryRefused(f"Brackets are nested more than {bounds.depth} deep.")


def _depth(sql: str) -> int:
    deepest = depth = 0
    for bracket in re.findall(r"[(\[{)\]}]", sql):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


def _serialize(connection: DuckDBPyConnection, sql: str) -> Node:
    """Raises QueryRefused where the tree is too deep for Python to read."""
    try:
        row = connection.execute("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", [sql]).fetchone()
        return cast("Node", json.loads(row[0] if row else "{}"))
    except RecursionError:
        raise QueryRefused("The query is nested too deep.") from None
    except duckdb.Error as error:
        raise QueryRefused("The query cannot be read as SQL.") from error


def _explain(connection: DuckDBPyConnection, sql: str, tree: Node) -> QueryRefused:
    if text(tree, "error_type") != "parser":
        return QueryRefused(_refusal(connection, sql, text(tree, "error_message")))
    message = text(tree, "error_message")
    if "expression depth" in message:
        return QueryRefused("The query is nested too deep.")
    offset = text(tree, "position")
    position = position_at(sql, int(offset)) if offset.isdigit() else None
    return QueryRefused(f"This is no SQL that DuckDB reads: {sentence(message)}", position)


def _refusal(connection: DuckDBPyConnection, sql: str, message: str) -> str:
    """Why a text that parses has no tree: it is not a SELECT, or something else that DuckDB says."""
    try:
        kinds = [statement.type.name for statement in connection.extract_statements(sql)]
    except duckdb.Error:
        kinds = []
    if "MULTI" in kinds:
        return _PIVOT
    others = [kind for kind in kinds if kind != "SELECT"]
    if others:
        return f"Only SELECT is allowed, and this is {others[0].replace('_', ' ')}."
    return sentence(message)
