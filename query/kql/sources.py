"""What a query begins with: tables, what ``let`` defined, datatable, range, print."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import Bound, BoundColumn, Relation
from query.kql.coercion import convert
from query.kql.definitions import BoundTable, Context, DefinedFunction, DefinedTable
from query.kql.errors import KqlProblem, unknown
from query.kql.functions_defined import call_rows
from query.kql.literals_in_sql import null_of
from query.kql.names import item, quoted
from query.kql.program import select
from query.kql.rows import OrderKey, Rows, StoredColumn, columns_of
from query.kql.types import KqlType
from query.kql.written_step import Lines

# Every view has a day, the partition of the history; KQL has no type for it, and TimeGenerated says more.
_PARTITION = "day"

_ELSEWHERE = ("cluster", "database", "workspace", "app", "resource", "external_table", "externaldata", "adx", "arg")


def bind_named_rows(context: Context, expression: tree.Expression | tree.Query) -> Rows:
    """The rows that a name, a call or a query in brackets means.

    Raises:
        KqlProblem: it means none.
    """
    match expression:
        case tree.Query():
            return context.pipe(context, expression)
        case tree.Subquery(_, query):
            return context.pipe(context, query)
        case tree.Name():
            return _named(context, expression)
        case tree.Call():
            return _called(context, expression)
        case _:
            raise KqlProblem("A table stands here, and this is a value.", expression.span)


def table_rows(context: Context, name: str) -> Rows:
    """The rows of a table of the schema."""
    columns = tuple(
        StoredColumn(column, column, type_) if type_ is KqlType.STRING else BoundColumn(column, column, type_)
        for column, type_ in context.schema.tables[name]
        if column.casefold() != _PARTITION
    )
    return Rows(quoted(name), columns, unseen=frozenset((_PARTITION,)), label=name)


def sole_rows(context: Context, rows: Rows, span: tree.Span) -> Relation:
    """``rows`` as one step of their own, in their order, as a query inside of an expression reads them."""
    rows = context.program.written(rows, span)
    if rows.order or rows.source.startswith('"'):
        items = [item(column.value.sql, column.sql_name) for column in rows.columns]
        source = context.program.add("listed", select(items, rows.source, rows.order_by), span)
        return Relation(source, tuple(BoundColumn(one.name, one.sql_name, one.type) for one in rows.columns))
    return rows.relation


def bind_datatable(context: Context, table: tree.DataTable) -> Rows:
    """The rows of ``datatable``.

    Raises:
        KqlProblem: the last row is not whole.
    """
    width = len(table.columns)
    columns = columns_of([(one.name.text, one.type) for one in table.columns])
    if width == 0 or len(table.values) % width:
        message = f"The table has {width} columns, and its {len(table.values)} values do not fill whole rows."
        raise KqlProblem(message, table.span)
    if not table.values:
        items = [item(null_of(one.type).sql, one.sql_name) for one in columns]
        body = [*select(items, ""), "WHERE false"]
        return Rows(context.program.add("listed", body, table.span), columns, label="datatable")
    cells = [
        convert(context.evaluate(context, value).bound, columns[index % width].type).sql
        for index, value in enumerate(table.values)
    ]
    lines = [f"  ({', '.join(cells[start : start + width])})," for start in range(0, len(cells), width)]
    named = ", ".join(quoted(one.sql_name) for one in columns)
    items = [item(f"CAST({quoted(one.sql_name)} AS {one.type.sql_type})", one.sql_name) for one in columns]
    body = [*select(items, "(VALUES"), *lines[:-1], lines[-1].removesuffix(","), f") AS datatable ({named})"]
    return Rows(context.program.add("listed", body, table.span), columns, label="datatable")


def bind_range(context: Context, source: tree.RangeSource) -> Rows:
    """The rows of ``range``: numbers, times or timespans.

    Raises:
        KqlProblem: the three values do not fit together.
    """
    first, last, step = (context.evaluate(context, one).bound for one in (source.first, source.last, source.step))
    type_ = first.type
    if type_.is_number:
        is_real = KqlType.REAL in (first.type, last.type, step.type) or KqlType.DECIMAL in (first.type, last.type)
        type_ = KqlType.REAL if is_real else KqlType.LONG
    step_type = KqlType.TIMESPAN if type_ is KqlType.DATETIME else type_
    if type_ not in (KqlType.LONG, KqlType.REAL, KqlType.DATETIME, KqlType.TIMESPAN):
        raise KqlProblem("range counts numbers, datetimes and timespans.", source.first.span)
    for bound, wanted, part in ((last, type_, source.last), (step, step_type, source.step)):
        if bound.type is not wanted and not (bound.type.is_number and wanted.is_number):
            raise KqlProblem(f"A {wanted.value} stands here, and this is a {bound.type.value}.", part.span)
    column = BoundColumn(source.name.text, source.name.text, type_)
    body = _series(column, type_, first, last, step)
    return Rows(
        context.program.add("listed", body, source.span), (column,), order=_order_of(column, step), label="range"
    )


def _series(column: BoundColumn, type_: KqlType, first: Bound, last: Bound, step: Bound) -> Lines:
    start, end = (f"CAST({one.sql} AS {type_.sql_type})" for one in (first, last))
    distance = f"to_microseconds({step.operand} // 10)" if type_ is KqlType.DATETIME else step.sql
    if type_ is KqlType.REAL:
        # A step such as 0.1 is no exact number: what misses the end by so little still counts.
        places = f"generate_series(0, CAST(floor(({end} - {start}) / {step.operand} + 1e-9) AS BIGINT))"
        return select([item(f"{start} + {step.operand} * unnest({places})", column.sql_name)], "")
    if all(one.is_literal for one in (first, last, step)):
        return select(
            [item("value", column.sql_name)], f"generate_series({start}, {end}, {distance}) AS series (value)"
        )
    return select([item(f"unnest(generate_series({start}, {end}, {distance}))", column.sql_name)], "")


def _order_of(column: BoundColumn, step: Bound) -> tuple[OrderKey, ...]:
    """The rows of range come in their order, up or down; a computed step does not tell which."""
    if not isinstance(step.literal, int | float):
        return ()
    is_down = step.literal < 0
    return (OrderKey(column, is_ascending=not is_down, nulls_first=not is_down),)


def _named(context: Context, name: tree.Name) -> Rows:
    found = context.find(name.text)
    if isinstance(found, BoundTable):
        return found.rows
    if isinstance(found, DefinedTable):
        return _defined(found, name)
    if isinstance(found, DefinedFunction) and not found.function.parameters:
        return _called(context, tree.Call(name.span, name, ()))
    if found is not None:
        what = "a function: call it with brackets" if isinstance(found, DefinedFunction) else "a value"
        raise KqlProblem(f"A table stands here, and {name.text!r} is {what}.", name.span)
    if name.text in context.schema.tables:
        return table_rows(context, name.text)
    raise unknown("table", name.text, (*context.schema.tables, *context.defined_names()), name.span)


def _defined(found: DefinedTable, name: tree.Name) -> Rows:
    if found.rows is None:
        rows = bind_named_rows(found.context.apart(), found.query)
        is_plain = rows.source.startswith('"')
        # Conditions on a table itself are written at each use: with those of the use they leave days out.
        found.rows = replace(rows if is_plain else found.context.program.written(rows, name.span), label=name.text)
    return found.rows


def _called(context: Context, call: tree.Call) -> Rows:
    name = call.name.text
    found = context.find(name)
    if isinstance(found, DefinedFunction):
        return call_rows(found, call, context, lambda one: bind_named_rows(context, one))
    if name == "materialize" and len(call.arguments) == 1:
        return bind_named_rows(context, call.arguments[0])
    if name == "table" and call.arguments:
        given = context.evaluate(context, call.arguments[0]).bound
        if not isinstance(given.literal, str):
            raise KqlProblem('The name of the table must be written out: table("Update").', call.span)
        return _named(context, tree.Name(call.arguments[0].span, given.literal))
    if name in _ELSEWHERE:
        raise KqlProblem(
            f"{name}() reads data of elsewhere, and queries here read the tables of this fleet.", call.span
        )
    defined = [one for one, what in context.definitions or () if isinstance(what, DefinedFunction)]
    raise unknown("function that gives a table", name, defined, call.name.span)
