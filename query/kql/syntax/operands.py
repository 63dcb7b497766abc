"""Operands: literals, names, calls, brackets, signs, members and elements."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import dynamic, operators, queries, sources
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.precedence import OPERATOR_WORDS, STAR_OPERATORS
from query.kql.tokens import Token, TokenKind
from query.kql.types import KqlType

_CONSTANTS = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}
# Words that can only be meant as what they are in KQL; Kusto wants ['by'] for a column of that name.
_RESERVED = OPERATOR_WORDS | {"by", "asc", "desc", "where", "project", "union", "let"}
# Members and elements of members: each is a level of the tree.
_MOST_STEPS = 60


def parse_operand(cursor: Cursor) -> tree.Expression:
    """A value with its sign, its members and elements."""
    start = cursor.start
    if sign := cursor.accept_mark("-", "+"):
        _refuse_doubled(cursor, sign)
        with cursor.level():
            operand = parse_operand(cursor)
        return tree.Unary(cursor.span_from(start), sign.text, operand)
    return _with_steps(cursor, _primary(cursor))


def _refuse_doubled(cursor: Cursor, sign: Token) -> None:
    """Raises for ``-- text``, SQL's comment, and for a sign of a sign, which Kusto does not take either."""
    if cursor.token.is_mark("-", "+"):
        raise cursor.unexpected("a value is expected", "a comment begins with //, and a second sign needs brackets")
    before = cursor.ahead(-2)
    if before.is_mark("-") and before.span.end == sign.span.start and cursor.start > sign.span.end:
        raise KqlProblem("'--' begins no comment in KQL: write //.", tree.Span(before.span.start, sign.span.end))


def _with_steps(cursor: Cursor, base: tree.Expression) -> tree.Expression:
    start = base.span.start
    for _ in range(_MOST_STEPS):
        if cursor.accept_mark("."):
            name = cursor.expect_name("the name of a member")
            base = tree.Path(cursor.span_from(start), base, name)
            _skip_place(cursor, base)
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


def _skip_place(cursor: Cursor, base: tree.Path) -> None:
    """The brackets of ``cluster("…").database("…")``; nothing else is called after a dot."""
    if not cursor.token.is_mark("("):
        return
    if not sources.is_elsewhere(base):
        raise cursor.unexpected("an operator is expected", f"KQL has no methods, write {base.name.text}(value)")
    parse_arguments(cursor, cursor.next())


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
        return _star(cursor)
    if token.is_name:
        return _named_value(cursor)
    raise _no_value(cursor)


def _star(cursor: Cursor) -> tree.Star:
    """``*``, which is only compared: ``where * has "x"``."""
    before, token = cursor.before, cursor.next()
    if operators.operator_at(cursor) in STAR_OPERATORS:
        return tree.Star(token.span)
    if before.is_mark("/") and before.span.end == token.span.start:
        raise KqlProblem("'/*' begins no comment in KQL: write //.", tree.Span(before.span.start, token.span.end))
    raise KqlProblem(
        "'*' stands where a value is expected: without project all columns stay, and project-away leaves some out.",
        token.span,
    )


def _no_value(cursor: Cursor) -> KqlProblem:
    return cursor.unexpected("a value is expected", _advice_for_value(cursor))


def _advice_for_value(cursor: Cursor) -> str:
    """What to write where what stands here is no value."""
    token, before = cursor.token, cursor.before
    if before.is_mark(",") and (cursor.is_at_end() or token.is_mark("|", ")") or token.is_word("by")):
        return "leave out the comma before it"
    if token.is_mark(")", "]", "}"):
        return "something is missing before it"
    if token.is_mark("=") and before.is_mark("=", "=="):
        return "write '=='"
    if token.is_mark(".") and cursor.ahead().kind is TokenKind.LITERAL:
        return f"write 0.{cursor.ahead().text}"
    if token.is_mark("{"):
        return "parameters come from 'declare query_parameters (name: type);' and stand without a mark"
    if token.kind is TokenKind.NAME and token.text in _RESERVED and not before.is_word("and", "or", "top"):
        return f"a column of that name is written ['{token.text}']"
    return ""


def _literal(cursor: Cursor) -> tree.Literal:
    """A literal; strings beside each other are one."""
    token = cursor.next()
    if token.type is not KqlType.STRING:
        return tree.Literal(token.span, token.value, token.type)
    parts = [str(token.value)]
    while cursor.token.is_string:
        parts.append(str(cursor.next().value))
    return tree.Literal(cursor.span_from(token.span.start), "".join(parts), KqlType.STRING)


def _bracketed(cursor: Cursor) -> tree.Expression:
    opening = cursor.next()
    value = queries.parse_value_or_query(cursor)
    cursor.close(opening, ")", OPERATOR_WORDS)
    return value


def _named_value(cursor: Cursor) -> tree.Expression:
    if cursor.token.kind is TokenKind.NAME:
        _refuse_reserved(cursor)
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


def _refuse_reserved(cursor: Cursor) -> None:
    token = cursor.token
    if token.text in _RESERVED:
        raise _no_value(cursor)
    if token.text.lower() == "null" and not cursor.ahead().is_mark("("):
        raise cursor.unexpected(
            "a value is expected", "ask with isnull(a) or isnotnull(a), and write long(null) for a value"
        )
    if token.text.lower() == "not" and not cursor.ahead().is_mark("("):
        raise cursor.unexpected("a value is expected")
    if token.text.lower() == "case" and cursor.ahead().is_word("when", "WHEN", "When"):
        raise cursor.unexpected("a value is expected")


def parse_arguments(cursor: Cursor, opening: Token) -> tuple[tree.Expression, ...]:
    """Values up to the bracket that closes ``opening``; each may be a query or ``name = value``."""
    arguments: list[tree.Expression] = []
    if cursor.accept_mark(")"):
        return ()
    while True:
        arguments.append(_argument(cursor))
        if not cursor.accept_mark(","):
            break
    cursor.close(opening, ")", OPERATOR_WORDS)
    return tuple(arguments)


def _argument(cursor: Cursor) -> tree.Expression:
    start = cursor.start
    if cursor.token.is_mark("*") and cursor.ahead().is_mark(",", ")"):
        return tree.Star(cursor.next().span)
    if cursor.token.is_name and cursor.ahead().is_mark("="):
        name = cursor.expect_name("a name")
        cursor.next()
        return tree.Named(cursor.span_from(start), (name,), queries.parse_value_or_query(cursor))
    return queries.parse_value_or_query(cursor)
