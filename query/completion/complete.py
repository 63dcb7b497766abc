"""What may be written at the cursor: the one way in."""

from collections.abc import Callable, Sequence

from query.completion import kql, sql
from query.completion.candidates import Candidate, ColumnValues, Completion, fitting, quoted
from query.completion.enumerated import enumerated_values
from query.completion.kql_scope import innermost, let_names, read_scope
from query.completion.kql_words import COMPARISONS
from query.completion.statements import statement_at
from query.completion.tokens import Kind, Token, tokenize
from query.language import QueryLanguage

# More would be felt with each key; nobody writes such a statement by hand.
MOST_CHARACTERS = 20_000
_SQL_COMPARISONS = frozenset(["=", "==", "!=", "<>", "like", "ilike", "in"])

# Gives the values that a column has in the store, None while that is not known.
ValuesOf = Callable[[ColumnValues], Sequence[str] | None]


def complete(text: str, offset: int, language: QueryLanguage, values_of: ValuesOf) -> Completion:
    """What may stand at ``offset`` of ``text``, in place of the word that ends there."""
    start, end = statement_at(text, offset, language)
    start, end = (start, max(end, offset)) if start <= offset else (offset, offset)
    if end - start > MOST_CHARACTERS:
        return Completion(offset)
    tokens = tokenize(text[start:end], language)
    at = offset - start
    under = next((token for token in tokens if token.start < at <= token.end), None)
    if under is not None and (under.kind in (Kind.COMMENT, Kind.NUMBER) or _is_closed(under, at)):
        return Completion(offset)
    is_word = under is not None and under.kind in (Kind.WORD, Kind.STRING)
    begins = under.start if under is not None and is_word else at
    typed = text[start + begins : offset]
    code = [token for token in tokens if token.kind is not Kind.COMMENT]
    before = [token for token in code if token.end <= begins]
    is_text = under is not None and under.kind is Kind.STRING
    if language is QueryLanguage.KQL:
        found, wanted = _complete_kql(before, values_of)
    else:
        found, wanted = _complete_sql(code, before, at, values_of)
    if is_text:
        found = [each for each in found if each.text[:1] in "\"'"]
    return Completion(start + begins, fitting(found, typed), wanted)


def _is_closed(token: Token, at: int) -> bool:
    """Whether the cursor is behind a text that has its closing quote."""
    quotes = "\"'`"
    is_closed = token.kind is Kind.STRING and len(token.text) > 1 and token.text[-1] in quotes
    return is_closed and at == token.end


Found = tuple[list[Candidate], ColumnValues | None]


def _complete_sql(code: Sequence[Token], before: Sequence[Token], at: int, values_of: ValuesOf) -> Found:
    scope = sql.read_scope(code, at)
    found = sql.sql_candidates(before, scope)
    compared = _compared(before, _SQL_COMPARISONS)
    if compared is None:
        return found, None
    _, qualifier, column = compared
    wanted = ColumnValues(sql.owner_of(column, qualifier, scope), column)
    return _with_values(found, wanted, values_of, "'")


def _complete_kql(before: Sequence[Token], values_of: ValuesOf) -> Found:
    *earlier, statement = _statements(before)
    lets = let_names(earlier)
    if statement and statement[0].text == "let":
        if len(statement) < 3:
            return [], None  # a new name
        statement = statement[3:]
    query = innermost(statement)
    found = kql.kql_candidates(query, read_scope(query, lets), list(lets))
    compared = _compared(statement, COMPARISONS)
    if compared is None:
        return found, None
    position, _, column = compared
    wanted = ColumnValues(read_scope(innermost(statement[:position]), lets).table, column)
    return _with_values(found, wanted, values_of, '"')


def _with_values(found: list[Candidate], wanted: ColumnValues, values_of: ValuesOf, mark: str) -> Found:
    values = enumerated_values(wanted.table, wanted.column)
    if values:
        return [*quoted(values, mark), *found], None
    known = values_of(wanted)
    return [*quoted(known or (), mark), *found], wanted if known is None else None


def _compared(before: Sequence[Token], comparisons: frozenset[str]) -> tuple[int, str, str] | None:
    """Place, qualifier and name of the column that a value behind ``before`` is compared with; None if it is none."""
    at = len(before) - 1
    while at >= 0 and (before[at].is_sign("(", ",") or before[at].kind is Kind.STRING):
        at -= 1  # the list behind IN
    if at < 1 or before[at].text.casefold() not in comparisons:
        return None
    is_list = at < len(before) - 1
    if is_list and before[at].text.casefold().strip("!~") not in ("in", "has_any", "has_all"):
        return None
    at -= 1 + before[at - 1].is_word("not")
    if at < 0 or before[at].kind is not Kind.WORD:
        return None
    qualifier = before[at - 2].name if at > 1 and before[at - 1].is_sign(".") else ""
    return at, qualifier, before[at].name


def _statements(tokens: Sequence[Token]) -> list[list[Token]]:
    """``tokens`` cut at semicolons; the last part may be empty."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.is_sign(";"):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts
