"""Tables put together: union, join and lookup."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import columns, operators, options, sources
from query.kql.syntax.cursor import Cursor


def parse_union(cursor: Cursor, start: int) -> tree.Union:
    """``union``, whose word was read."""
    found = options.parse_options(cursor, "kind", "withsource", "with_source", "isfuzzy")
    tables = [_table(cursor)]
    while cursor.accept_mark(","):
        tables.append(_table(cursor))
    found |= options.parse_options(cursor, "kind", "withsource", "with_source", "isfuzzy")
    return tree.Union(
        cursor.span_from(start),
        tuple(tables),
        found.get("kind", ""),
        found.get("withsource", found.get("with_source", "")),
        options.as_options(found, "kind", "withsource", "with_source"),
    )


def _table(cursor: Cursor) -> tree.Query | tree.Wildcard:
    if cursor.token.is_mark("*") or (cursor.token.is_name and cursor.ahead().is_mark("*")):
        pattern = columns.parse_pattern(cursor, "a table")
        return pattern if isinstance(pattern, tree.Wildcard) else tree.Query(pattern.span, pattern)
    start = cursor.start
    with cursor.level():
        source = sources.parse_source(cursor)
    return source if isinstance(source, tree.Query) else tree.Query(cursor.span_from(start), source)


def parse_join(cursor: Cursor, start: int) -> tree.Join:
    """``join``, whose word was read."""
    return _joined(cursor, start, is_lookup=False)


def parse_lookup(cursor: Cursor, start: int) -> tree.Join:
    """``lookup``, whose word was read."""
    return _joined(cursor, start, is_lookup=True)


def _joined(cursor: Cursor, start: int, *, is_lookup: bool) -> tree.Join:
    found = options.parse_options(cursor, "kind")
    right = _right(cursor)
    cursor.expect_word("on", "after the table to join", "write on Computer, or its like")
    conditions = _condition(cursor)
    while cursor.accept_mark(","):
        conditions += _condition(cursor)
    return tree.Join(
        cursor.span_from(start), found.get("kind", ""), right, conditions, is_lookup, options.as_options(found, "kind")
    )


def _right(cursor: Cursor) -> tree.Query:
    if cursor.token.is_word("on"):
        raise cursor.unexpected("the table to join is expected")
    table = _table(cursor)
    if isinstance(table, tree.Wildcard):
        raise KqlProblem("A pattern names several tables; join takes one: write (union …).", table.span)
    return table


def _condition(cursor: Cursor) -> tuple[tree.Expression, ...]:
    return tuple(_parts(operators.parse_expression(cursor)))


def _parts(condition: tree.Expression) -> list[tree.Expression]:
    if isinstance(condition, tree.Binary) and condition.operator == "and":
        return [*_parts(condition.left), *_parts(condition.right)]
    return [condition]
