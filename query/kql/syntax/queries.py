"""A source of rows and what it is piped through, and values that may be such a query."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import operators, sources
from query.kql.syntax.advice import advice_for
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.precedence import OPERATOR_WORDS
from query.kql.syntax.unsupported import UNSUPPORTED_STEPS
from query.kql.tokens import TokenKind

# Ours: each step is a SELECT of its own.
_MOST_STEPS = 500

_CONDITIONS = (tree.Where, tree.Search)
_LISTS = (
    tree.Project, tree.ProjectAway, tree.ProjectRename, tree.ProjectReorder, tree.Extend, tree.Summarize, tree.Distinct,
    tree.Sort, tree.Top, tree.Union, tree.MvExpand, tree.Join, tree.MakeSeries, tree.Serialize,
)  # fmt: skip


def parse_query(cursor: Cursor) -> tree.Query:
    """A query: a table, or what gives one, and its steps."""
    start = cursor.start
    with cursor.level():
        source = sources.parse_source(cursor)
        return _piped(cursor, start, source)


def parse_value_or_query(cursor: Cursor) -> tree.Expression:
    """A value; a `Subquery` where a query stands. A name or a call alone is a value: only the schema tells."""
    start = cursor.start
    if sources.is_source_word(cursor):
        return tree.Subquery((query := parse_query(cursor)).span, query)
    value = operators.parse_expression(cursor)
    if not cursor.token.is_mark("|") or not sources.is_source(value):
        return value
    query = _piped(cursor, start, sources.source_of(value))
    return tree.Subquery(query.span, query)


def _piped(cursor: Cursor, start: int, source: tree.Source) -> tree.Query:
    # Steps hold queries and queries hold steps; their table needs all of them.
    from query.kql.syntax import steps

    found: list[tree.Operator] = []
    while pipe := cursor.accept_mark("|"):
        if len(found) == _MOST_STEPS:
            raise KqlProblem(f"More than {_MOST_STEPS} steps in one query.", pipe.span)
        found.append(steps.parse_step(cursor))
    _refuse_what_follows(cursor, found)
    if isinstance(source, tree.Query) and not found:
        return source
    return tree.Query(cursor.span_from(start), source, tuple(found))


def _refuse_what_follows(cursor: Cursor, found: list[tree.Operator]) -> None:
    """Raises where neither a pipe nor the end of a query follows what was read."""
    if cursor.is_at_end() or cursor.token.is_mark(";", ")", "}"):
        return
    from query.kql.syntax import steps

    word = steps.step_word(cursor)
    if word == "as" and found and isinstance(found[-1], _LISTS):
        raise cursor.unexpected("an operator, ',' or '|' is expected", "a name stands before its value, name = value")
    if word == "on":
        raise cursor.unexpected("'|' or the end of the query is expected", "what is joined stands in brackets")
    if word in steps.STEPS or word in UNSUPPORTED_STEPS:
        raise cursor.unexpected("'|' is expected", f"write '| {word}'")
    if not found or cursor.token.is_mark(","):
        raise cursor.unexpected("'|' or the end of the query is expected", known=("|",))
    raise cursor.unexpected(_expected_after(found[-1]), _advice_after(cursor, found[-1]))


def _expected_after(step: tree.Operator) -> str:
    if isinstance(step, _CONDITIONS):
        return "an operator or '|' is expected"
    return "an operator, ',' or '|' is expected" if isinstance(step, _LISTS) else "'|' is expected"


def _advice_after(cursor: Cursor, step: tree.Operator) -> str:
    from query.kql.syntax import steps

    if cursor.token.is_word("by") and isinstance(step, tree.Count):
        return "write summarize count() by …"
    known = {*OPERATOR_WORDS, *steps.STEPS, "by", "asc", "desc"} - {"like", "notlike"}
    if advice := advice_for(cursor.token, cursor.ahead(), known):
        return advice
    if not (cursor.token.is_name or cursor.token.kind is TokenKind.LITERAL or cursor.token.is_mark("(")):
        return ""
    if isinstance(step, _CONDITIONS):
        return "'and' or 'or' is missing"
    return "a ',' is missing" if isinstance(step, _LISTS) else ""
