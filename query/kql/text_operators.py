"""The text operators of KQL: has, contains, startswith, ``=~``, matches regex, their forms and negations."""

import re
from collections.abc import Callable, Mapping

from query.kql.bound import Bound
from query.kql.coercion import as_text
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import quoted
from query.kql.tree import Span
from query.kql.types import KqlType

# A term is a whole run of letters and digits.
_BEFORE = r"(^|[^\p{L}\p{N}])"
_AFTER = r"($|[^\p{L}\p{N}])"
_META = re.compile(r"[\\.+*?()|\[\]{}^$]")

Write = Callable[[Bound, Bound, Span], str]


def match_text(operator: str, left: Bound, right: Bound, span: Span) -> Bound:
    """``left operator right`` for an operator of `TEXT_OPERATORS`; never null, as texts are never null.

    Raises:
        KqlProblem: one side is no text.
    """
    negated = operator.startswith(("!", "not"))
    write = TEXT_OPERATORS[operator.removeprefix("not").removeprefix("!").strip() if negated else operator]
    sql = write(as_text(left, span), as_text(right, span), span)
    is_atom = sql.endswith(")") and sql.startswith(("regexp_", "contains(", "starts_with(", "ends_with("))
    if not negated:
        return Bound(sql, KqlType.BOOL, is_atom=is_atom)
    return Bound(f"NOT {sql}" if is_atom else f"NOT ({sql})", KqlType.BOOL, is_atom=False)


def escape_pattern(text: str) -> str:
    """``text`` as a regular expression that matches it alone."""
    return _META.sub(lambda match: "\\" + match.group(), text)


def term_pattern(text: str, *, open_start: bool = False, open_end: bool = False) -> str:
    """The regular expression of ``has text``; with an open end that of ``hasprefix``, an open start ``hassuffix``.

    Only a letter or digit at an edge of the text asks for the end of a run there.
    """
    before = "" if open_start or not text[:1].isalnum() else _BEFORE
    after = "" if open_end or not text[-1:].isalnum() else _AFTER
    return before + escape_pattern(text) + after


def _term(flags: str, *, open_start: bool = False, open_end: bool = False) -> Write:
    def write(left: Bound, right: Bound, span: Span) -> str:
        if isinstance(right.literal, str):
            pattern = quoted(term_pattern(right.literal, open_start=open_start, open_end=open_end), span)
        else:
            before, after = ("" if open_start else _BEFORE), ("" if open_end else _AFTER)
            pattern = f"kql_term_pattern({right.sql}, '{before}', '{after}')"
        return f"regexp_matches({left.sql}, {pattern}, '{flags}')"

    return write


def _folded(value: Bound, span: Span) -> str:
    """The text in lower case, by Python where both do it alike."""
    if isinstance(value.literal, str) and value.literal.isascii():
        return quoted(value.literal.lower(), span)
    return f"lower({value.sql})"


def _in_any_case(function: str) -> Write:
    return lambda left, right, span: f"{function}(lower({left.sql}), {_folded(right, span)})"


def _exactly(function: str) -> Write:
    return lambda left, right, _span: f"{function}({left.sql}, {right.sql})"


def _equal_in_any_case(left: Bound, right: Bound, span: Span) -> str:
    return f"{_folded(left, span)} = {_folded(right, span)}"


def _matches(left: Bound, right: Bound, span: Span) -> str:
    if isinstance(right.literal, str):
        quoted(right.literal, span)
    return f"regexp_matches({left.sql}, {right.sql})"


def _like(_left: Bound, _right: Bound, span: Span) -> str:
    raise KqlProblem("'like' is no operator of KQL: write contains, startswith, endswith or matches regex.", span)


TEXT_OPERATORS: Mapping[str, Write] = {
    "=~": _equal_in_any_case,
    "~": _equal_in_any_case,
    "has": _term("i"),
    "has_cs": _term("c"),
    "hasprefix": _term("i", open_end=True),
    "hasprefix_cs": _term("c", open_end=True),
    "hassuffix": _term("i", open_start=True),
    "hassuffix_cs": _term("c", open_start=True),
    "contains": _in_any_case("contains"),
    "contains_cs": _exactly("contains"),
    "startswith": _in_any_case("starts_with"),
    "startswith_cs": _exactly("starts_with"),
    "endswith": _in_any_case("ends_with"),
    "endswith_cs": _exactly("ends_with"),
    "matches regex": _matches,
    "like": _like,
}
