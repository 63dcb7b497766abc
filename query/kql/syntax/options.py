"""Hints and ``name=value`` pairs that stand between an operator's word and what it works on."""

from query.kql import tree
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import TokenKind


def parse_options(cursor: Cursor, *names: str) -> dict[str, str]:
    """The pairs that stand here: ``hint.anything=value``, and those called one of ``names``."""
    found: dict[str, str] = {}
    while name := _option_name(cursor, names):
        for _ in range(3 if "." in name else 1):
            cursor.next()
        cursor.expect_mark("=", f"after '{name}'")
        found[name.lower()] = _option_value(cursor, name)
    return found


def as_options(found: dict[str, str], *left_out: str) -> tree.Options:
    """Pairs as the tree has them, without those that have fields of their own."""
    return tuple((name, value) for name, value in found.items() if name not in left_out)


def parse_properties(cursor: Cursor) -> tree.Options:
    """``(name=value, …)``; a value may be a list of names: ``ycolumns=a, b``."""
    opening = cursor.expect_mark("(", "before the properties")
    found: list[tuple[str, str]] = []
    while not cursor.token.is_mark(")"):
        name = cursor.expect_name("the name of a property").text
        cursor.expect_mark("=", "after the name of a property")
        values = [_option_value(cursor, name)]
        while cursor.accept_mark(","):
            if cursor.ahead().is_mark("="):
                break
            values.append(_option_value(cursor, name))
        found.append((name.lower(), ", ".join(values)))
        if cursor.before.is_mark(","):
            continue
        break
    cursor.close(opening, ")")
    return tuple(found)


def _option_name(cursor: Cursor, names: tuple[str, ...]) -> str | None:
    token = cursor.token
    if token.is_word("hint") and cursor.ahead().is_mark(".") and cursor.ahead(2).is_name:
        return f"hint.{cursor.ahead(2).text}" if cursor.ahead(3).is_mark("=") else None
    is_option = token.kind is TokenKind.NAME and token.text in names and cursor.ahead().is_mark("=")
    return token.text if is_option else None


def _option_value(cursor: Cursor, name: str) -> str:
    token = cursor.token
    sign = "-" if cursor.accept_mark("-") else ""
    if cursor.token.is_name:
        return sign + cursor.next().text
    if cursor.token.kind is TokenKind.LITERAL:
        literal = cursor.next()
        return sign + (str(literal.value) if literal.is_string else literal.text)
    if token.is_mark("*"):
        return cursor.next().text
    raise cursor.unexpected(f"the value of '{name}' is expected")
