"""``search``."""

from query.kql import tree
from query.kql.syntax import columns, operators, options
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import TokenKind


def parse_search(cursor: Cursor, start: int) -> tree.Search:
    """``search``, whose word was read."""
    options.parse_options(cursor, "kind")
    tables = _tables(cursor) if cursor.token.is_word("in") else ()
    condition = _condition(cursor)
    return tree.Search(cursor.span_from(start), condition, tables)


def _condition(cursor: Cursor) -> tree.Expression:
    if cursor.token.is_mark("*") and (cursor.ahead().is_mark("|", ";", ")") or cursor.ahead().kind is TokenKind.END):
        return tree.Star(cursor.next().span)
    return operators.parse_expression(cursor)


def _tables(cursor: Cursor) -> tuple[tree.Name | tree.Wildcard, ...]:
    cursor.next()
    opening = cursor.expect_mark("(", "after 'search in', before the tables")
    found = [columns.parse_pattern(cursor, "a table")]
    while cursor.accept_mark(","):
        found.append(columns.parse_pattern(cursor, "a table"))
    cursor.close(opening, ")")
    return tuple(found)
