"""What a query begins with."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import columns, operands, operators, queries, searches, unions
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.unsupported import parse_unsupported_source
from query.kql.tokens import TokenKind
from query.kql.types import KqlType

_ELSEWHERE = frozenset(("cluster", "database", "workspace", "app", "resource", "adx", "arg", "external_table"))


def is_source_word(cursor: Cursor) -> bool:
    """Whether a query begins here that no table's name begins: ``datatable (``, ``range x``, ``print``, …"""
    if cursor.token.kind is not TokenKind.NAME:
        return False
    word, after = cursor.token.text, cursor.ahead()
    if word in ("datatable", "externaldata"):
        return after.is_mark("(")
    if word == "range":
        return after.is_name and cursor.ahead(2).is_word("from")
    if word in ("print", "union", "search", "find"):
        return after.kind is not TokenKind.MARK or after.is_mark("(", "*", "-", "+")
    return False


def parse_source(cursor: Cursor) -> tree.Source:
    """A table, a query in brackets, a call, or one of the words that make rows."""
    if is_source_word(cursor):
        return _of_word(cursor)
    if cursor.token.is_mark("("):
        opening = cursor.next()
        query = queries.parse_query(cursor)
        cursor.close(opening, ")")
        return query
    if not cursor.token.is_name:
        raise cursor.unexpected(
            "a table is expected", "a query begins as in Update | take 10" if cursor.token.is_mark("|") else ""
        )
    return source_of(operands.parse_operand(cursor))


def is_source(value: tree.Expression) -> bool:
    """Whether rows may come from it."""
    is_path = isinstance(value, tree.Path) and is_elsewhere(value)
    return is_path or isinstance(value, tree.Name | tree.Call | tree.Subquery)


def source_of(value: tree.Expression) -> tree.Source:
    """What was read as a value, as the source of a query.

    Raises:
        KqlProblem: no rows can come from it.
    """
    if isinstance(value, tree.Subquery):
        return value.query
    if isinstance(value, tree.Path) and is_elsewhere(value):
        return tree.Unsupported(value.span, f"{_first_call(value)}()")
    if isinstance(value, tree.Name | tree.Call):
        return value
    raise KqlProblem("A table is expected before '|', and this is a value.", value.span)


def is_elsewhere(value: tree.Expression) -> bool:
    """Whether it is a table of another database, as ``cluster("a").database("b").t`` is."""
    return _first_call(value) in _ELSEWHERE


def _first_call(value: tree.Expression) -> str:
    while isinstance(value, tree.Path):
        value = value.base
    return value.name.text if isinstance(value, tree.Call) else ""


def _of_word(cursor: Cursor) -> tree.Source:
    start, word = cursor.start, cursor.next().text
    if word == "datatable":
        return _datatable(cursor, start)
    if word == "range":
        return _range(cursor, start)
    if word == "print":
        items = columns.parse_columns(cursor)
        return tree.Print(cursor.span_from(start), items)
    if word == "union":
        return unions.parse_union(cursor, start)
    if word == "search":
        return searches.parse_search(cursor, start)
    return parse_unsupported_source(cursor, start, word)


def _range(cursor: Cursor, start: int) -> tree.RangeSource:
    name = cursor.expect_name("the name of a column")
    cursor.expect_word("from", "after the column of range")
    first = operators.parse_expression(cursor)
    cursor.expect_word("to", "after the first value of range")
    last = operators.parse_expression(cursor)
    cursor.expect_word("step", "after the last value of range")
    step = operators.parse_expression(cursor)
    return tree.RangeSource(cursor.span_from(start), name, first, last, step)


def _datatable(cursor: Cursor, start: int) -> tree.DataTable:
    types = columns.parse_column_types(cursor)
    values = _datatable_values(cursor)
    return tree.DataTable(cursor.span_from(start), types, values)


def _datatable_values(cursor: Cursor) -> tuple[tree.Expression, ...]:
    if cursor.token.kind is TokenKind.QUOTED_NAME:
        # The lexer takes a table of one string for a quoted name.
        token = cursor.next()
        return (tree.Literal(token.span, token.text, KqlType.STRING),)
    opening = cursor.expect_mark("[", "before the values of datatable")
    values: list[tree.Expression] = []
    while not cursor.token.is_mark("]"):
        values.append(operators.parse_expression(cursor))
        if not cursor.accept_mark(","):
            break
    cursor.close(opening, "]")
    return tuple(values)
