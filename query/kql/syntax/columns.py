"""Lists of columns: computed, named, typed, sorted, matched by patterns."""

from query.kql import tree
from query.kql.syntax import operators
from query.kql.syntax.advice import advice_for
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import Token, TokenKind
from query.kql.typed_literals import TYPE_NAMES
from query.kql.types import KqlType

TYPES = TYPE_NAMES | {"string": KqlType.STRING, "dynamic": KqlType.DYNAMIC, "object": KqlType.DYNAMIC}


def parse_columns(cursor: Cursor) -> tuple[tree.Expression, ...]:
    """Values with commas between them, each of which may be given a name: ``a, b = c, (d, e) = f()``."""
    found = [parse_column(cursor)]
    while cursor.accept_mark(","):
        found.append(parse_column(cursor))
    return tuple(found)


def parse_column(cursor: Cursor) -> tree.Expression:
    """A value, or ``name = value``, or ``(name, name) = value``."""
    start = cursor.start
    if cursor.token.is_name and cursor.ahead().is_mark("="):
        names: tuple[tree.Name, ...] = (cursor.expect_name("the name of a column"),)
    elif is_list_of_names(cursor, "="):
        names = _names(cursor)
    else:
        return operators.parse_expression(cursor)
    cursor.next()
    value = operators.parse_expression(cursor)
    return tree.Named(cursor.span_from(start), names, value)


def is_list_of_names(cursor: Cursor, before: str) -> bool:
    """Whether ``(a, b)`` stands here, and the mark ``before`` behind it."""
    if not cursor.token.is_mark("("):
        return False
    count = 1
    while cursor.ahead(count).is_name:
        if cursor.ahead(count + 1).is_mark(")"):
            return cursor.ahead(count + 2).is_mark(before)
        if not cursor.ahead(count + 1).is_mark(","):
            return False
        count += 2
    return False


def _names(cursor: Cursor) -> tuple[tree.Name, ...]:
    cursor.next()
    names = [cursor.expect_name("the name of a column")]
    while cursor.accept_mark(","):
        names.append(cursor.expect_name("the name of a column"))
    cursor.next()
    return tuple(names)


def parse_column_types(cursor: Cursor) -> tuple[tree.ColumnType, ...]:
    """``(name: type, …)``."""
    opening = cursor.expect_mark("(", "before the columns")
    found: list[tree.ColumnType] = []
    while not cursor.token.is_mark(")"):
        start = cursor.start
        name = cursor.expect_name("the name of a column")
        cursor.expect_mark(":", "between the name of a column and its type")
        found.append(tree.ColumnType(cursor.span_from(start), name, parse_type(cursor)))
        if not cursor.accept_mark(","):
            break
    cursor.close(opening, ")")
    return tuple(found)


def parse_type(cursor: Cursor) -> KqlType:
    """The name of a type."""
    token = cursor.token
    if token.kind is TokenKind.NAME and token.text in TYPES:
        cursor.next()
        return TYPES[token.text]
    names = "string, long, int, real, decimal, bool, datetime, timespan, guid or dynamic"
    advice = advice_for(token, cursor.ahead(), TYPES) or f"write {names}"
    raise cursor.unexpected("a type is expected", advice)


def parse_typeof(cursor: Cursor) -> KqlType:
    """``typeof(type)``."""
    cursor.expect_word("typeof", "before a type", "write typeof(long)")
    opening = cursor.expect_mark("(", "after 'typeof'")
    kind = parse_type(cursor)
    cursor.close(opening, ")")
    return kind


def parse_sort_keys(cursor: Cursor) -> tuple[tree.SortKey, ...]:
    """``value asc nulls first, …``."""
    found = [_sort_key(cursor)]
    while cursor.accept_mark(","):
        found.append(_sort_key(cursor))
    return tuple(found)


def _sort_key(cursor: Cursor) -> tree.SortKey:
    start = cursor.start
    value = parse_column(cursor)
    order = cursor.accept_word("asc", "desc")
    nulls = None
    if cursor.accept_word("nulls"):
        nulls = cursor.accept_word("first", "last")
        if nulls is None:
            raise cursor.unexpected("'first' or 'last' is expected after 'nulls'")
    is_ascending = None if order is None else order.text == "asc"
    return tree.SortKey(cursor.span_from(start), value, is_ascending, None if nulls is None else nulls.text == "first")


def _is_part(token: Token, *, is_first: bool) -> bool:
    """Whether it belongs to a pattern of names, which a number such as the 1 of ``*1`` may end."""
    is_number = token.kind is TokenKind.LITERAL and token.text.isdecimal()
    return token.is_mark("*") or token.is_name or (is_number and not is_first)


def parse_pattern(cursor: Cursor, what: str) -> tree.Name | tree.Wildcard:
    """A name, which may have ``*`` in it: ``Sec*``, ``*_Time``, ``*``."""
    start, parts, end = cursor.start, list[str](), cursor.start
    while _is_part(cursor.token, is_first=not parts) and (not parts or cursor.start == end):
        token = cursor.next()
        if token.kind is TokenKind.QUOTED_NAME:
            return tree.Name(token.span, token.text)
        parts.append(token.text)
        end = token.span.end
    if not parts:
        raise cursor.unexpected(f"{what} is expected")
    text, span = "".join(parts), cursor.span_from(start)
    return tree.Wildcard(span, text) if "*" in parts else tree.Name(span, text)
