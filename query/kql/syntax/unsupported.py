"""What KQL has and Patchdeck does not translate: its name is kept, what belongs to it is skipped."""

from query.kql import tree
from query.kql.syntax.cursor import Cursor
from query.kql.tokens import Token, TokenKind

UNSUPPORTED_STEPS = frozenset((
    "assert-schema", "consume", "execute_and_cache", "facet", "find", "fork", "graph-mark-components", "graph-match",
    "graph-merge", "graph-shortest-paths", "graph-to-table", "graph-where-edges", "graph-where-nodes", "macro-expand",
    "make-graph", "parse-kv", "partition-by", "project-by-names", "project-smart", "reduce",
    "scan",
))  # fmt: skip
_BRACKETS = {"(": ")", "[": "]", "{": "}"}


def parse_unsupported_step(cursor: Cursor, start: int, name: str) -> tree.Unsupported:
    """A step up to its end."""
    _skip(cursor)
    return tree.Unsupported(cursor.span_from(start), name)


def parse_unsupported_source(cursor: Cursor, start: int, name: str) -> tree.Unsupported:
    """``externaldata (…) […] with (…)`` or ``find … where …``."""
    _skip(cursor)
    return tree.Unsupported(cursor.span_from(start), name)


def skip_brackets(cursor: Cursor) -> None:
    """What stands in the brackets that are opened here."""
    opened: list[Token] = []
    while True:
        token = cursor.token
        if token.is_mark(*_BRACKETS):
            opened.append(token)
        elif opened and token.is_mark(_BRACKETS[opened[-1].text]):
            opened.pop()
        elif token.kind is TokenKind.END and opened:
            raise cursor.unclosed(opened[-1], _BRACKETS[opened[-1].text])
        cursor.next()
        if not opened:
            return


def _skip(cursor: Cursor) -> None:
    """Goes on to the next pipe, semicolon or closing bracket outside of what is opened meanwhile."""
    while cursor.token.kind is not TokenKind.END and not cursor.token.is_mark("|", ";", ")", "]", "}"):
        skip_brackets(cursor)
