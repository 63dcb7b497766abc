"""``dynamic(…)``: JSON, in which KQL's own literals may stand."""

from decimal import Decimal

from query.kql import tree
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import Token, TokenKind
from query.kql.types import KqlType

_WORDS = {"true": True, "false": False, "null": None}


def parse_dynamic(cursor: Cursor, word: Token, opening: Token) -> tree.Literal:
    """The literal whose ``word`` and ``opening`` bracket were read."""
    value = _value(cursor)
    cursor.close(opening, ")")
    return tree.Literal(cursor.span_from(word.span.start), value, KqlType.DYNAMIC)


def _value(cursor: Cursor) -> object:
    token = cursor.token
    if token.is_mark("["):
        return _array(cursor)
    if token.is_mark("{"):
        return _bag(cursor)
    if token.kind is TokenKind.QUOTED_NAME:
        # The lexer takes an array of one string for a quoted name.
        return [cursor.next().text]
    if token.is_mark("-", "+"):
        return _signed(cursor)
    if token.kind is TokenKind.LITERAL:
        cursor.next()
        return float(token.value) if isinstance(token.value, Decimal) else token.value
    return _word(cursor)


def _word(cursor: Cursor) -> object:
    token = cursor.token
    if token.kind is TokenKind.NAME and token.text in _WORDS:
        return _WORDS[cursor.next().text]
    if token.is_word("dynamic") and cursor.ahead().is_mark("("):
        word = cursor.next()
        with cursor.level():
            return parse_dynamic(cursor, word, cursor.next()).value
    raise cursor.unexpected("a JSON value is expected", "what is not written out goes into pack() or pack_array()")


def _signed(cursor: Cursor) -> object:
    sign = cursor.next()
    value = cursor.token.value
    if cursor.token.kind is not TokenKind.LITERAL or not isinstance(value, int | float):
        raise cursor.unexpected("a number is expected")
    cursor.next()
    return -value if sign.text == "-" else value


def _array(cursor: Cursor) -> list[object]:
    opening = cursor.next()
    values: list[object] = []
    if cursor.accept_mark("]"):
        return values
    with cursor.level():
        values.append(_value(cursor))
        while cursor.accept_mark(","):
            values.append(_value(cursor))
    cursor.close(opening, "]")
    return values


def _bag(cursor: Cursor) -> dict[str, object]:
    opening = cursor.next()
    members: dict[str, object] = {}
    if cursor.accept_mark("}"):
        return members
    with cursor.level():
        while True:
            name = _member_name(cursor)
            cursor.expect_mark(":", "after the name of a member")
            members[name] = _value(cursor)
            if not cursor.accept_mark(","):
                break
    cursor.close(opening, "}")
    return members


def _member_name(cursor: Cursor) -> str:
    if cursor.token.is_string:
        return str(cursor.next().value)
    raise cursor.unexpected("the name of a member in quotes is expected")
