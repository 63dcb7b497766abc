"""A source of rows and what it is piped through, and values that may be such a query."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import operators, sources, steps
from query.kql.syntax.cursor import Cursor

# Ours: each step is a SELECT of its own.
_MOST_STEPS = 500


def parse_query(cursor: Cursor) -> tree.Query:
    """A query: a table, or what gives one, and its steps."""
    start = cursor.start
    with cursor.level():
        source = sources.parse_source(cursor)
        return _piped(cursor, start, source)


def parse_value_or_query(cursor: Cursor) -> tree.Expression:
    """A value; a `Subquery` where a query stands. A name or a call alone is a value: only the schema tells."""
    start = cursor.start
    if sources.is_source_word(cursor):
        return tree.Subquery((query := parse_query(cursor)).span, query)
    value = operators.parse_expression(cursor)
    if not cursor.token.is_mark("|"):
        return value
    query = _piped(cursor, start, sources.source_of(value))
    return tree.Subquery(query.span, query)


def _piped(cursor: Cursor, start: int, source: tree.Source) -> tree.Query:
    found: list[tree.Operator] = []
    while pipe := cursor.accept_mark("|"):
        if len(found) == _MOST_STEPS:
            raise KqlProblem(f"More than {_MOST_STEPS} steps in one query.", pipe.span)
        found.append(steps.parse_step(cursor))
    if isinstance(source, tree.Query) and not found:
        return source
    return tree.Query(cursor.span_from(start), source, tuple(found))
