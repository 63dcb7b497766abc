"""Statements: ``let``, ``declare``, ``set``, and the query at their end."""

from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import columns, operators, queries, sources, steps
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.precedence import OPERATOR_WORDS
from query.kql.tokens import TokenKind


def parse_script(cursor: Cursor) -> tree.Script:
    """A whole text."""
    start = cursor.start
    if cursor.is_at_end():
        raise KqlProblem("The query is empty: it begins with a table, as in Update | take 10.", cursor.token.span)
    statements = _statements(cursor)
    _refuse_other_beginnings(cursor)
    result = queries.parse_query(cursor)
    while cursor.accept_mark(";"):
        pass
    if cursor.is_at_end():
        return tree.Script(cursor.span_from(start), statements, result)
    if cursor.before.is_mark(";") and cursor.token.is_mark("|"):
        raise cursor.unexpected("the end of the query is expected", "leave out the ';' before it")
    if cursor.before.is_mark(";"):
        raise KqlProblem(
            "A second query begins here, and one is answered at a time: begin the first with 'let name ='.",
            cursor.token.span,
        )
    opening = {")": "(", "}": "{"}.get(cursor.token.text)
    raise cursor.unexpected("'|' or the end of the query is expected", f"no '{opening}' is open" if opening else "")


_SQL_BEGINNINGS = frozenset(
    ("select", "with", "from", "insert", "delete", "create", "drop", "alter", "explain", "show")
)
_STATEMENTS = {"alias": "Other clusters and databases", "restrict": "Restricting access"}


def _refuse_other_beginnings(cursor: Cursor) -> None:
    """Raises for what is no query of KQL at all: SQL, commands, an operator without a table."""
    token, after = cursor.token, cursor.ahead()
    is_followed = after.kind is not TokenKind.END and not after.is_mark("|", ";")
    if token.is_mark(".") and after.kind is TokenKind.NAME:
        raise KqlProblem(
            f"'.{after.text}' is a command to a Kusto cluster: here only queries are answered.", token.span
        )
    if token.kind is not TokenKind.NAME or not is_followed:
        return
    if token.text.lower() in _SQL_BEGINNINGS:
        raise KqlProblem(
            f"'{token.text}' is SQL's; KQL begins with the table and pipes it: Update | where … | project ….",
            token.span,
        )
    if token.text in _STATEMENTS:
        raise KqlProblem(f"{_STATEMENTS[token.text]} is not possible here.", token.span)
    if not (sources.is_source_word(cursor) or after.is_mark("(", ".")) and steps.step_word(cursor) in steps.STEPS:
        raise KqlProblem(f"A query begins with a table, before '{token.text}': Update | {token.text} ….", token.span)


def _statements(cursor: Cursor) -> tuple[tree.Let | tree.QueryParameters, ...]:
    found: list[tree.Let | tree.QueryParameters] = []
    while True:
        if cursor.token.is_word("let"):
            found.append(_let(cursor))
        elif cursor.token.is_word("declare"):
            found.append(_declare(cursor))
        elif cursor.token.is_word("set") and cursor.ahead().is_name:
            _skip_set(cursor)
        elif not cursor.token.is_mark(";"):
            return tuple(found)
        if not cursor.token.is_mark(";"):
            raise cursor.unexpected("';' is expected at the end of the statement", known=OPERATOR_WORDS)
        while cursor.accept_mark(";"):
            pass


def _skip_set(cursor: Cursor) -> None:
    """``set option = value``: options of the service that ran the query; here they have no meaning."""
    cursor.next()
    cursor.next()
    if cursor.accept_mark("="):
        operators.parse_expression(cursor)


def _let(cursor: Cursor) -> tree.Let:
    start = cursor.next().span.start
    name = cursor.expect_name("the name that let defines")
    cursor.expect_mark("=", "after the name that let defines")
    value = _let_value(cursor)
    return tree.Let(cursor.span_from(start), name, value)


def _let_value(cursor: Cursor) -> tree.Expression | tree.Query | tree.Function:
    if cursor.token.is_word("view") and cursor.ahead().is_mark("("):
        cursor.next()
        return _function(cursor)
    if _is_function(cursor) or columns.is_list_of_names(cursor, "{"):
        return _function(cursor)
    return _value(cursor)


def _value(cursor: Cursor) -> tree.Expression | tree.Query:
    value = queries.parse_value_or_query(cursor)
    return value.query if isinstance(value, tree.Subquery) else value


def _is_function(cursor: Cursor) -> bool:
    if not cursor.token.is_mark("("):
        return False
    first, second = cursor.ahead(), cursor.ahead(2)
    return (first.is_mark(")") and second.is_mark("{")) or (first.is_name and second.is_mark(":"))


def _function(cursor: Cursor) -> tree.Function:
    start = cursor.start
    parameters = _parameters(cursor)
    opening = cursor.expect_mark("{", "before the body of the function")
    with cursor.level():
        body_start = cursor.start
        statements = _statements(cursor)
        result = _value(cursor)
        cursor.accept_mark(";")
        body = tree.Script(cursor.span_from(body_start), statements, result)
    cursor.close(opening, "}")
    return tree.Function(cursor.span_from(start), parameters, body)


def _parameters(cursor: Cursor) -> tuple[tree.Parameter, ...]:
    opening = cursor.expect_mark("(", "before the parameters")
    found: list[tree.Parameter] = []
    while not cursor.token.is_mark(")"):
        found.append(_parameter(cursor))
        if not cursor.accept_mark(","):
            break
    cursor.close(opening, ")")
    return tuple(found)


def _parameter(cursor: Cursor) -> tree.Parameter:
    start = cursor.start
    name = cursor.expect_name("the name of a parameter")
    cursor.expect_mark(":", "after the name of a parameter", f"write {name.text}: string, or its other type")
    if cursor.token.is_mark("("):
        return tree.Parameter(cursor.span_from(start), name, None, None, _table_columns(cursor))
    kind = columns.parse_type(cursor)
    default = operators.parse_expression(cursor) if cursor.accept_mark("=") else None
    return tree.Parameter(cursor.span_from(start), name, kind, default)


def _table_columns(cursor: Cursor) -> tuple[tree.ColumnType, ...]:
    """``(a: string, b: long)``, or ``(*)`` for a table of whatever columns."""
    if cursor.ahead().is_mark("*") and cursor.ahead(2).is_mark(")"):
        for _ in range(3):
            cursor.next()
        return ()
    return columns.parse_column_types(cursor)


def _declare(cursor: Cursor) -> tree.QueryParameters:
    start = cursor.next().span.start
    if not cursor.token.is_word("query_parameters"):
        raise KqlProblem("Of declare, only 'declare query_parameters (…)' is known here.", cursor.token.span)
    cursor.next()
    parameters = _parameters(cursor)
    return tree.QueryParameters(cursor.span_from(start), parameters)
