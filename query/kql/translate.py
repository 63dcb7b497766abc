"""The way from KQL to SQL: text, tree, steps, one SELECT."""

from fleet.errors import Position, QueryRefused, UnknownName
from query.kql import tree
from query.kql.bound import Bound, Schema
from query.kql.definitions import Context
from query.kql.errors import KqlProblem, UnknownKqlName
from query.kql.functions_defined import with_statements
from query.kql.names import SqlNames, item
from query.kql.parser import parse
from query.kql.pipeline import bind_query
from query.kql.program import Program, select
from query.kql.rows import Rows
from query.kql.scope import evaluate
from query.kql.sources import bind_named_rows
from query.kql.text_forms import nullable_text
from query.kql.translation import KqlColumn, Translation
from query.kql.types import KqlType


def translate(text: str, schema: Schema) -> Translation:
    """The query ``text`` as SQL of DuckDB over the tables of ``schema``.

    Raises:
        QueryRefused: KQL does not allow it, or it is not translated; says where, and what to do instead.
        UnknownName: a table, column, function or other name that nothing has; offers the nearest.
    """
    try:
        return _translation(parse(text), schema)
    except UnknownKqlName as problem:
        raise UnknownName(problem.kind, problem.name, problem.known, position_of(text, problem.span)) from problem
    except KqlProblem as problem:
        raise QueryRefused(str(problem), position_of(text, problem.span)) from problem
    except RecursionError:
        raise QueryRefused("The query is nested too deep.") from None


def position_of(text: str, span: tree.Span) -> Position:
    """The line and column where ``span`` begins in ``text``."""
    start = min(span.start, len(text))
    before = text[:start]
    column = start - (before.rfind("\n") + 1) + 1
    line = before.count("\n")
    return Position(line + 1, column, text.split("\n")[line].rstrip("\r"))


def _translation(script: tree.Script, schema: Schema) -> Translation:
    program = Program(schema.tables)
    context = with_statements(Context(program, schema, bind_query, evaluate), script.statements)
    rows = bind_named_rows(context, script.result)
    names = SqlNames()
    body = select([item(_shown(column.value), names.fresh(column.name)) for column in rows.columns], rows.source)
    for index, condition in enumerate(rows.conditions):
        body.append(f"{'  AND' if index else 'WHERE'} {condition}")
    body += _order(rows)
    columns = tuple(KqlColumn(column.name, column.type) for column in rows.columns)
    parameters = frozenset(program.parameters)
    return Translation(program.finish(body), columns, parameters, program.chart, program.chart_options)


def _shown(value: Bound) -> str:
    return nullable_text(value) if value.type is KqlType.TIMESPAN else value.sql


def _order(rows: Rows) -> list[str]:
    return [rows.order_by] if rows.order_by else []
