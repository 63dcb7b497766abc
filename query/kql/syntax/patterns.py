"""``parse`` and ``parse-where``; the word of each was read."""

from query.kql import tree
from query.kql.syntax import columns, operators, options
from query.kql.syntax.cursor import Cursor
from query.kql.types import KqlType


def parse_parse(cursor: Cursor, start: int) -> tree.Parse:
    """``parse value with * "text" column: long``."""
    return _parse(cursor, start, drops_others=False)


def parse_parse_where(cursor: Cursor, start: int) -> tree.Parse:
    """``parse-where``: rows that do not fit are dropped."""
    return _parse(cursor, start, drops_others=True)


def _parse(cursor: Cursor, start: int, *, drops_others: bool) -> tree.Parse:
    found = options.parse_options(cursor, "kind", "flags")
    value = operators.parse_expression(cursor)
    cursor.expect_word("with", "before the pattern")
    pattern = [_piece(cursor)]
    while cursor.token.is_string or cursor.token.is_name or cursor.token.is_mark("*"):
        pattern.append(_piece(cursor))
    return tree.Parse(
        cursor.span_from(start),
        value,
        tuple(pattern),
        found.get("kind", "simple"),
        found.get("flags", ""),
        drops_others,
    )


def _piece(cursor: Cursor) -> tree.ParseText | tree.ParseColumn:
    start = cursor.start
    if cursor.token.is_string:
        token = cursor.next()
        return tree.ParseText(token.span, str(token.value))
    if cursor.accept_mark("*"):
        return tree.ParseColumn(cursor.span_from(start), None)
    name = cursor.expect_name("a text in quotes, a column or '*'")
    kind = columns.parse_type(cursor) if cursor.accept_mark(":") else KqlType.STRING
    return tree.ParseColumn(cursor.span_from(start), name, kind)
