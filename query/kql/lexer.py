"""Text to tokens. Comments and white space are left out; each token knows its place."""

import re

from fleet.errors import nearest_name
from query.kql.errors import KqlProblem
from query.kql.literals import TICKS_OF_UNITS, read_timespan
from query.kql.strings import read_string, starts_string
from query.kql.tokens import Token, TokenKind
from query.kql.tree import Span
from query.kql.typed_literals import TYPE_NAMES, read_typed_literal
from query.kql.types import KqlType

# Ours: far more than anybody writes by hand, and still read within a second.
MOST_CHARACTERS = 1_000_000

_BLANK = re.compile(r"(?:\s|\ufeff|//[^\n]*)+")
_BARE_NAME = re.compile(r"\$?[^\W\d]\w*")
_DIGITS_NAME = re.compile(r"\d+[^\W\d]\w*")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]+|\d+(?:\.\d+|\.(?![.\w]))?(?:[eE][+-]?\d+)?", re.ASCII)
_TIMESPAN = re.compile(
    r"\d+(?:\.\d+)?(?:" + "|".join(sorted(TICKS_OF_UNITS, key=len, reverse=True)) + r")(?!\w)", re.ASCII
)
_NEGATED_WORD = re.compile(r"![A-Za-z_]+~?")
_MARKS = re.compile(r"\.\.|===|==|=~|!=|!~|<=|>=|<>|=>|&&|\|\||[-+*/%<>=|()\[\]{},;:.!?&@#^~$]")
_QUOTED_NAME = re.compile(r"\[\s*(?=[\"'])")
_IN_ANY_CASE = re.compile(r"in~")
_LARGEST_LONG = 2**63
_NEGATED_WORDS = frozenset(
    f"!{word}{suffix}"
    for word in ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
    for suffix in ("", "_cs")
) | {"!in", "!in~", "!between"}

_OTHER_NEGATIONS = {
    "!containscs": "!contains_cs",
    "!like": "!contains, !startswith or !endswith",
    "!has_any": "not(… has_any (…))",
    "!has_all": "not(… has_all (…))",
    "!matches": "not(… matches regex …)",
}
# Behind these a value begins, so that '!' cannot belong to an operator.
_BEFORE_VALUES = frozenset(("where", "filter", "and", "or", "by", "on", "project", "extend", "search", "with", "print"))
_SHOWN_CHARACTERS = 40
# What programs for letters make of quotes and minus signs.
_TYPOGRAPHIC = {
    **dict.fromkeys("“”„«»", 'a straight double quote, "'),
    **dict.fromkeys("‘’‚", "a straight quote, '"),
    **dict.fromkeys("–—−", "a plain minus, -"),
    "`": "a name in brackets and quotes, ['a b']",
    "\\": "strings in quotes; a backslash means nothing outside of them",
}


def tokenize(text: str) -> list[Token]:
    """The tokens of ``text``, with one of the kind END behind the last.

    Raises:
        KqlProblem: a string is not closed, a literal is none, a character has no meaning, or the text is too long.
    """
    if len(text) > MOST_CHARACTERS:
        raise KqlProblem(f"The query is longer than {MOST_CHARACTERS:,} characters.", Span(0, 0))
    tokens: list[Token] = []
    position = _skip_blank(text, 0)
    while position < len(text):
        token = _next_token(text, position, tokens[-1] if tokens else None)
        tokens.append(token)
        position = _skip_blank(text, token.span.end)
    end = tokens[-1].span.end if tokens else 0
    tokens.append(Token(TokenKind.END, "", Span(end, end)))
    return tokens


def _skip_blank(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return found.end() if found else position


def _next_token(text: str, start: int, before: Token | None) -> Token:
    if starts_string(text, start):
        value, end = read_string(text, start)
        return Token(TokenKind.LITERAL, text[start:end], Span(start, end), value, KqlType.STRING)
    if text[start].isdecimal():
        return _number(text, start)
    if found := _IN_ANY_CASE.match(text, start):
        return Token(TokenKind.MARK, found.group(), Span(start, found.end()))
    if found := _BARE_NAME.match(text, start):
        return _word(text, start, found.end(), before)
    return _quoted_name(text, start) or _mark(text, start, before)


def _number(text: str, start: int) -> Token:
    if found := _TIMESPAN.match(text, start):
        span = Span(start, found.end())
        return Token(TokenKind.LITERAL, found.group(), span, _timespan(found.group(), span), KqlType.TIMESPAN)
    found = _NUMBER.match(text, start)
    if found is None or text[found.end() : found.end() + 1].isidentifier():
        return _name_of_digits(text, start)
    written, span = found.group(), Span(start, found.end())
    if not re.fullmatch(r"\d+|0[xX].*", written):
        return Token(TokenKind.LITERAL, written, span, float(written), KqlType.REAL)
    value = int(written, 16) if written[:2] in ("0x", "0X") else _whole(written, span)
    return Token(TokenKind.LITERAL, written, span, _long(value, written, span), KqlType.LONG)


def _whole(written: str, span: Span) -> int:
    # Nineteen digits hold the largest long; Python itself refuses to read some thousands of them.
    return int(written) if len(written.lstrip("0")) <= 19 else _long(_LARGEST_LONG + 1, written, span)


def _long(value: int, written: str, span: Span) -> int:
    # 2^63 itself may stand behind a minus.
    if value > _LARGEST_LONG:
        raise KqlProblem(f"{written[:40]} is larger than a long can be; write real({written[:40]}).", span)
    return value


def _timespan(written: str, span: Span) -> int:
    try:
        return read_timespan(written)
    except ValueError:
        raise KqlProblem(f"{written[:40]} is longer than a timespan can be.", span) from None


def _name_of_digits(text: str, start: int) -> Token:
    """A name such as ``7zip``; KQL allows names to begin with digits."""
    found = _DIGITS_NAME.match(text, start)
    if found is None:
        raise KqlProblem(f"{text[start]!r} has no meaning in KQL.", Span(start, start + 1))
    return Token(TokenKind.NAME, found.group(), Span(start, found.end()))


def _word(text: str, start: int, end: int, before: Token | None) -> Token:
    word = text[start:end]
    is_member = before is not None and before.is_mark(".")
    if word in TYPE_NAMES and not is_member and (literal := read_typed_literal(text, start, end)):
        return literal
    return Token(TokenKind.NAME, word, Span(start, end))


def _quoted_name(text: str, start: int) -> Token | None:
    """``['a name']``; None where the bracket is an index or a list."""
    opening = _QUOTED_NAME.match(text, start)
    if opening is None:
        return None
    name, end = read_string(text, opening.end())
    closing = re.compile(r"\s*\]").match(text, end)
    if closing is None:
        return None
    return Token(TokenKind.QUOTED_NAME, name, Span(start, closing.end()))


def _mark(text: str, start: int, before: Token | None) -> Token:
    if negated := _NEGATED_WORD.match(text, start):
        return _negated(negated.group(), Span(start, negated.end()), before)
    found = _MARKS.match(text, start)
    if found is None:
        advice = _TYPOGRAPHIC.get(text[start])
        meaning = f" has no meaning in KQL: write {advice}." if advice else " has no meaning in KQL."
        raise KqlProblem(repr(text[start]) + meaning, Span(start, start + 1))
    return Token(TokenKind.MARK, found.group(), Span(start, found.end()))


def _negated(written: str, span: Span, before: Token | None) -> Token:
    if written in _NEGATED_WORDS:
        return Token(TokenKind.MARK, written, span)
    shown = written[:_SHOWN_CHARACTERS]
    if before is None or not (before.is_name or before.is_mark(")", "]")) or before.text in _BEFORE_VALUES:
        raise KqlProblem("'!' negates operators, not values: write not(…).", Span(span.start, span.start + 1))
    if advice := _OTHER_NEGATIONS.get(written):
        raise KqlProblem(f"'{shown}' is no operator: write {advice}.", span)
    near = nearest_name(written, _NEGATED_WORDS)
    raise KqlProblem(f"'{shown}' is no operator" + (f": did you mean '{near}'?" if near else "."), span)
