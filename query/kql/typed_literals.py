"""Literals that name their type: ``datetime(2026-11-20)``, ``long(null)``, ``time(1.02:03:04)``.

``dynamic(…)`` is not among them: what stands in it has tokens of its own.
"""

import re

from query.kql.errors import KqlProblem
from query.kql.literals import read_typed
from query.kql.strings import read_string, starts_string
from query.kql.tokens import Token, TokenKind
from query.kql.tree import Span
from query.kql.types import KqlType

TYPE_NAMES = {
    "bool": KqlType.BOOL,
    "boolean": KqlType.BOOL,
    "int": KqlType.INT,
    "int32": KqlType.INT,
    "long": KqlType.LONG,
    "int64": KqlType.LONG,
    "real": KqlType.REAL,
    "double": KqlType.REAL,
    "decimal": KqlType.DECIMAL,
    "datetime": KqlType.DATETIME,
    "date": KqlType.DATETIME,
    "timespan": KqlType.TIMESPAN,
    "time": KqlType.TIMESPAN,
    "guid": KqlType.GUID,
    "uuid": KqlType.GUID,
    "uniqueid": KqlType.GUID,
}
_OPENING = re.compile(r"\s*\(\s*")
_CLOSING = re.compile(r"\s*\)")
# No literal is nearly as long; what is longer is not even tried.
_LONGEST_CONTENT = 100
_CONTENT = re.compile(r"[^()\n]*")
_EXAMPLES = {
    KqlType.BOOL: "bool(true)",
    KqlType.INT: "int(7)",
    KqlType.LONG: "long(7)",
    KqlType.REAL: "real(0.5)",
    KqlType.DECIMAL: "decimal(0.1)",
    KqlType.DATETIME: "datetime(2026-11-20 12:00)",
    KqlType.TIMESPAN: "timespan(1.02:03:04) or timespan(5h)",
    KqlType.GUID: "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
}
_CONVERSIONS = {
    KqlType.BOOL: "tobool", KqlType.INT: "toint", KqlType.LONG: "tolong", KqlType.REAL: "toreal",
    KqlType.GUID: "toguid", KqlType.DECIMAL: "todecimal", KqlType.DATETIME: "todatetime",
    KqlType.TIMESPAN: "totimespan",
}  # fmt: skip


def read_typed_literal(text: str, start: int, end: int) -> Token | None:
    """The literal whose type stands from ``start`` to ``end``; None where no bracket follows.

    Raises:
        KqlProblem: what stands in the brackets is no value of that type, or they are not closed.
    """
    opening = _OPENING.match(text, end)
    if opening is None:
        return None
    word = text[start:end]
    content, after = _content(text, opening.end())
    closing = _CLOSING.match(text, after)
    if closing is None:
        raise _unreadable(text, word, opening.end(), after)
    span = Span(start, closing.end())
    kind = TYPE_NAMES[word]
    if content.lower() == "null":
        return Token(TokenKind.LITERAL, text[start : span.end], span, None, kind)
    if len(content) > _LONGEST_CONTENT:
        raise _unreadable(text, word, opening.end(), after)
    try:
        return Token(TokenKind.LITERAL, text[start : span.end], span, read_typed(kind, content), kind)
    except ValueError:
        raise _unreadable(text, word, opening.end(), after) from None


def _content(text: str, start: int) -> tuple[str, int]:
    if starts_string(text, start):
        value, end = read_string(text, start)
        return value.strip(), end
    found = _CONTENT.match(text, start)
    content = (found.group() if found else "").rstrip()
    return content, start + len(content)


def _unreadable(text: str, word: str, start: int, end: int) -> KqlProblem:
    kind, content = TYPE_NAMES[word], text[start:end]
    if text[end : end + 1] not in (")", "(") and not re.match(r"\s*[()]", text[end : end + 100]):
        return KqlProblem(f"The bracket of {word}( is not closed.", Span(start - 1, start))
    if re.fullmatch(r"[A-Za-z_][\w.]*", content):
        advice = f"to convert a value, write {_CONVERSIONS[kind]}({content}{'…' if text[end : end + 1] == '(' else ''})"
    elif re.fullmatch(r"[+-]?\d+", content):
        advice = "it is too large or too small"
    else:
        advice = f"write it as {_EXAMPLES[kind]}"
    return KqlProblem(f"{content[:60]!r} is no {kind.value}: {advice}.", Span(start, max(end, start + 1)))
