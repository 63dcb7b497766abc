"""What may stand at a place of a KQL query."""

from collections.abc import Sequence

from query.completion.candidates import Candidate, Sort
from query.completion.kql_functions import aggregate_candidates, scalar_candidates
from query.completion.kql_scope import KqlScope
from query.completion.kql_words import (
    BY,
    CHARTS,
    EXPRESSION_WORDS,
    JOIN_KINDS,
    ORDER_WORDS,
    PIPE_OPERATORS,
    QUERY_STARTS,
    keywords,
)
from query.completion.names import column_candidates, every_column, table_candidates
from query.completion.tokens import Kind, Token

# Steps behind whose bracket a table stands, and those whose words need no function.
_TABLE_STEPS = ("join", "union", "lookup")
_NAME_STEPS = ("project-away", "project-keep", "project-reorder", "distinct")
_ORDER_STEPS = ("sort", "order", "top")


def kql_candidates(before: Sequence[Token], scope: KqlScope, let_names: Sequence[str]) -> list[Candidate]:
    """What may follow ``before``, which ends where the word under the cursor begins and is one query."""
    last = before[-1] if before else None
    if last is None or last.is_sign(";"):
        return [*_lets(let_names), *table_candidates(), *QUERY_STARTS]
    if last.is_sign("|"):
        return list(PIPE_OPERATORS)
    if scope.operator in _TABLE_STEPS and (found := _in_join(scope, last, let_names)) is not None:
        return found
    if not scope.operator:
        return [*_lets(let_names), *table_candidates()] if last.is_sign("(", ",") or before[0].text == "union" else []
    if scope.operator == "render":
        return keywords(CHARTS) if len(scope.step) <= 1 else []
    return _in_expression(scope, let_names)


def _in_expression(scope: KqlScope, let_names: Sequence[str]) -> list[Candidate]:
    columns = column_candidates(scope.columns.values() or every_column())
    if scope.operator in _NAME_STEPS:
        return columns
    if scope.operator in _ORDER_STEPS:
        has_by = any(token.is_word("by") for token in scope.step)
        return [*columns, *ORDER_WORDS, *scalar_candidates()] if has_by else list(BY)
    if scope.operator in ("take", "limit", "as", "count"):
        return []
    lets = _lets(let_names)
    if scope.operator == "summarize" and not any(token.is_word("by") for token in scope.step):
        return [*aggregate_candidates(), *BY, *columns, *lets, *scalar_candidates()]
    return [*columns, *lets, *scalar_candidates(), *EXPRESSION_WORDS]


def _in_join(scope: KqlScope, last: Token, let_names: Sequence[str]) -> list[Candidate] | None:
    """What stands in the head of a join, union or lookup; None in its condition."""
    if last.is_sign("=") and len(scope.step) > 1 and scope.step[-2].is_word("kind"):
        return keywords(JOIN_KINDS)
    if any(token.is_word("on") for token in scope.step):
        columns = column_candidates(scope.columns.values())
        return [*columns, *(Candidate(side, Sort.KEYWORD) for side in ("$left.", "$right."))]
    tables = [*_lets(let_names), *table_candidates()]
    if last.is_sign("(", ",") or scope.operator == "union":
        return tables
    if last.is_sign(")"):
        return keywords(["on"])
    words = keywords(["kind="]) if last.kind is Kind.WORD and len(scope.step) == 1 else keywords(["on"])
    return [*words, *tables]


def _lets(names: Sequence[str]) -> list[Candidate]:
    return [Candidate(name, Sort.TABLE, "of this query's let") for name in names]
