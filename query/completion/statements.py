"""Which part of a text is one statement: what is asked when several stand in the editor."""

import re
from itertools import pairwise

from query.completion.tokens import Kind, Token, tokenize
from query.language import QueryLanguage

_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
# What `looks_like_kql` takes for an operator behind a pipe.
_PIPED = frozenset(
    [
        "where",
        "filter",
        "summarize",
        "project",
        "project-away",
        "project-keep",
        "project-rename",
        "project-reorder",
        "extend",
        "distinct",
        "sort",
        "order",
        "top",
        "take",
        "limit",
        "join",
        "union",
        "count",
        "render",
        "mv-expand",
        "parse",
        "lookup",
    ]
)


def statement_at(text: str, offset: int, language: QueryLanguage) -> tuple[int, int]:
    """Where the statement that ``offset`` is in begins and ends.

    In SQL a semicolon ends a statement, in KQL a blank line does: there semicolons stand between the parts of one. With
    the cursor behind a statement's end, on the same line or below everything, it is that statement.
    """
    ends = _kql_ends(text) if language is QueryLanguage.KQL else _sql_ends(text)
    parts = list(zip([0, *ends], [*ends, len(text)], strict=True))
    written = [_trimmed(text, start, end) for start, end in parts]
    written = [(start, end) for start, end in written if start < end]
    if not written:
        return 0, len(text)
    before = [part for part in written if part[0] <= offset]
    behind = [part for part in written if part[0] > offset]
    is_left_behind = bool(before) and "\n" in text[before[-1][1] : offset]
    return behind[0] if behind and (is_left_behind or not before) else before[-1]


def looks_like_kql(text: str) -> bool:
    """Whether ``text`` can only be KQL: a pipe with an operator of KQL behind it, or a ``let``."""
    tokens = [token for token in tokenize(text, QueryLanguage.KQL) if token.kind is not Kind.COMMENT]
    if not tokens or tokens[0].is_word("select", "with", "from", "values"):
        return False
    if tokens[0].text == "let":
        return True
    return any(
        before.is_sign("|") and token.kind is Kind.WORD and token.text in _PIPED for before, token in pairwise(tokens)
    )


def _sql_ends(text: str) -> list[int]:
    return [token.end for token in tokenize(text, QueryLanguage.SQL) if token.is_sign(";")]


def _kql_ends(text: str) -> list[int]:
    strings = [token for token in tokenize(text, QueryLanguage.KQL) if token.kind is Kind.STRING]
    return [gap.end() for gap in _BLANK_LINE.finditer(text) if not _is_inside(gap.start(), strings)]


def _is_inside(offset: int, tokens: list[Token]) -> bool:
    return any(token.start < offset < token.end for token in tokens)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), start + len(part.rstrip())
