"""Operands: literals, names, calls, brackets, signs, members and elements."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import dynamic, operators, queries
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import Token, TokenKind
from query.kql.types import KqlType

_CONSTANTS = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}
# Members and elements of members: each is a level of the tree.
_MOST_STEPS = 100


def parse_operand(cursor: Cursor) -> tree.Expression:
    """A value with its sign, its members and elements."""
    start = cursor.start
    if sign := cursor.accept_mark("-", "+"):
        with cursor.level():
            operand = parse_operand(cursor)
        return tree.Unary(cursor.span_from(start), sign.text, operand)
    return _with_steps(cursor, _primary(cursor))


def _with_steps(cursor: Cursor, base: tree.Expression) -> tree.Expression:
    start = base.span.start
    for _ in range(_MOST_STEPS):
        if cursor.accept_mark("."):
            name = cursor.expect_name("the name of a member")
            base = tree.Path(cursor.span_from(start), base, name)
        elif opening := cursor.accept_mark("["):
            index = operators.parse_expression(cursor)
            cursor.close(opening, "]")
            base = tree.Element(cursor.span_from(start), base, index)
        elif cursor.token.kind is TokenKind.QUOTED_NAME:
            base = _quoted_element(cursor, base)
        else:
            return base
    raise KqlProblem(
        f"More than {_MOST_STEPS} members of members: take the value apart with extend.", cursor.token.span
    )


def _quoted_element(cursor: Cursor, base: tree.Expression) -> tree.Element:
    """``base['name']``, which the lexer reads as a quoted name."""
    token = cursor.next()
    index = tree.Literal(token.span, token.text, KqlType.STRING)
    return tree.Element(cursor.span_from(base.span.start), base, index)


def _primary(cursor: Cursor) -> tree.Expression:
    token = cursor.token
    if token.kind is TokenKind.LITERAL:
        return _literal(cursor)
    if token.is_mark("("):
        return _bracketed(cursor)
    if token.is_mark("*"):
        return tree.Star(cursor.next().span)
    if token.is_name:
        return _named_value(cursor)
    raise cursor.unexpected("a value")


def _literal(cursor: Cursor) -> tree.Literal:
    """A literal; strings beside each other are one."""
    token = cursor.next()
    if not (token.is_string and cursor.token.is_string):
        return tree.Literal(token.span, token.value, token.type)
    parts = [str(token.value)]
    while cursor.token.is_string:
        parts.append(str(cursor.next().value))
    return tree.Literal(cursor.span_from(token.span.start), "".join(parts), KqlType.STRING)


def _bracketed(cursor: Cursor) -> tree.Expression:
    opening = cursor.next()
    value = queries.parse_value_or_query(cursor)
    cursor.close(opening, ")")
    return value


def _named_value(cursor: Cursor) -> tree.Expression:
    token = cursor.next()
    if token.kind is TokenKind.NAME and token.text in _CONSTANTS and not cursor.token.is_mark("("):
        return tree.Literal(token.span, _CONSTANTS[token.text], KqlType.BOOL)
    name = tree.Name(token.span, token.text)
    if not (token.kind is TokenKind.NAME and cursor.token.is_mark("(")):
        return name
    opening = cursor.next()
    if token.text == "dynamic":
        return dynamic.parse_dynamic(cursor, token, opening)
    arguments = parse_arguments(cursor, opening)
    return tree.Call(cursor.span_from(token.span.start), name, arguments)


def parse_arguments(cursor: Cursor, opening: Token) -> tuple[tree.Expression, ...]:
    """Values up to the bracket that closes ``opening``; each may be a query or ``name = value``."""
    arguments: list[tree.Expression] = []
    if cursor.accept_mark(")"):
        return ()
    while True:
        arguments.append(_argument(cursor))
        if not cursor.accept_mark(","):
            break
    cursor.close(opening, ")")
    return tuple(arguments)


def _argument(cursor: Cursor) -> tree.Expression:
    start = cursor.start
    if cursor.token.is_name and cursor.ahead().is_mark("="):
        name = cursor.expect_name("a name")
        cursor.next()
        return tree.Named(cursor.span_from(start), (name,), queries.parse_value_or_query(cursor))
    return queries.parse_value_or_query(cursor)
