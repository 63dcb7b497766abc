"""``make-series``: values as arrays over an axis with even steps, filled where there are none."""

from dataclasses import dataclass

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.coercion import convert
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.items import Item, bind_items
from query.kql.literals_in_sql import null_of
from query.kql.names import ColumnNames, SqlNames, item, quoted
from query.kql.program import select
from query.kql.rows import Rows
from query.kql.scope import RowScope
from query.kql.text_forms import json_item
from query.kql.types import KqlType
from query.kql.values import bind, bind_aggregate_columns, default_name

_AXES = (KqlType.DATETIME, KqlType.TIMESPAN, KqlType.LONG, KqlType.INT, KqlType.REAL)


@dataclass(frozen=True, slots=True)
class _Axis:
    """The axis: numbers in SQL, of microseconds for datetimes. ``source`` is the step that holds first and count."""

    type: KqlType
    value: str
    step: str
    source: str = ""

    def number(self, sql: str) -> str:
        """A value of the axis as its number."""
        return f"epoch_us({sql})" if self.type is KqlType.DATETIME else sql

    @property
    def first(self) -> str:
        """The number at which the axis begins."""
        return f'(SELECT "first" FROM {self.source})'  # noqa: S608 - a step of our own

    @property
    def last_place(self) -> str:
        """The place of the last step."""
        return f'(SELECT "count" - 1 FROM {self.source})'  # noqa: S608 - a step of our own

    @property
    def places(self) -> str:
        """The places of all steps, as it stands in FROM."""
        return f'(SELECT unnest(range("count")) AS bin FROM {self.source})'  # noqa: S608 - a step of our own


def bind_make_series(context: Context, rows: Rows, step: tree.MakeSeries) -> Rows:
    """``make-series``: keys, the arrays of the aggregates, the array of the axis."""
    if rows.group:
        raise KqlProblem("make-series is not translated inside of mv-apply or partition.", step.span)
    rows = context.program.written(rows, step.span)
    scope = RowScope(context, rows)
    axis = _axis(context, rows, scope, step)
    keys = bind_items(step.keys, scope, ColumnNames())
    aggregates, defaults = _aggregates(context, rows, step, keys)
    names = SqlNames(("bin",))
    columns = [BoundColumn(one.name, names.fresh(one.name), one.value.type) for one in (*keys, *aggregates)]
    points = _points(context, rows, axis, [*keys, *aggregates], columns, len(keys), step.span)
    return _series(context, step, axis, points, columns, len(keys), defaults)


def _axis(context: Context, rows: Rows, scope: RowScope, step: tree.MakeSeries) -> _Axis:
    value = bind(step.axis, scope)
    if value.type not in _AXES:
        raise KqlProblem(f"An axis of numbers or times stands here, not a {value.type.value}.", step.axis.span)
    width = context.evaluate(context, step.step).bound
    wanted = KqlType.TIMESPAN if value.type is KqlType.DATETIME else value.type
    if width.type is not wanted and not (width.type.is_number and wanted.is_number):
        raise KqlProblem(f"The step is a {wanted.value} here, not a {width.type.value}.", step.step.span)
    sql = f"({width.sql}) // 10" if value.type is KqlType.DATETIME else width.sql
    axis = _Axis(value.type, value.sql, f"({sql})")
    first, count = _bounds(context, scope, axis, step)
    body = select([item(first, "first"), item(count, "count")], rows.source)
    return _Axis(axis.type, axis.value, axis.step, context.program.add("series_axis", body, step.span))


def _bounds(context: Context, scope: RowScope, axis: _Axis, step: tree.MakeSeries) -> tuple[str, str]:
    """SQL of where the axis begins and of how many steps it has; over all rows."""
    if step.first is None:
        call = tree.Call(step.span, tree.Name(step.span, "bin"), (step.axis, step.step))
        first = f"min({axis.number(bind(call, scope).sql)})"
    else:
        first = f"any_value({axis.number(_end(context, axis, step.first))})"
    if step.last is None:
        return first, f"CAST(floor((max({axis.number(axis.value)}) - {first}) / {axis.step}) AS BIGINT) + 1"
    last = f"any_value({axis.number(_end(context, axis, step.last))})"
    return first, f"CAST(ceil(({last} - {first}) / {axis.step}) AS BIGINT)"


def _end(context: Context, axis: _Axis, expression: tree.Expression) -> str:
    found = context.evaluate(context, expression).bound
    if found.type is not axis.type and not (found.type.is_number and axis.type.is_number):
        raise KqlProblem(f"The axis is {axis.type.value}, and this is a {found.type.value}.", expression.span)
    return found.sql


def _aggregates(
    context: Context, rows: Rows, step: tree.MakeSeries, keys: list[Item]
) -> tuple[list[Item], list[Bound]]:
    scope = RowScope(context, rows, allows_aggregates=True)
    names = ColumnNames(key.name for key in keys)
    items, defaults = [], []
    for expression, default in zip(step.aggregates, step.defaults, strict=True):
        for name, value in bind_aggregate_columns(expression, scope):
            items.append(Item(names.derived(name or None), value))
            if default is not None:
                defaults.append(convert(context.evaluate(context, default).bound, value.type))
            else:
                zero = Bound("0", KqlType.LONG, literal=0, is_literal=True)
                defaults.append(convert(zero, value.type) if value.type.is_number else null_of(value.type))
    return items, defaults


def _points(
    context: Context,
    rows: Rows,
    axis: _Axis,
    items: list[Item],
    columns: list[BoundColumn],
    key_count: int,
    span: tree.Span,
) -> str:
    """The aggregates of each key at each step that has rows."""
    place = f"CAST(floor(({axis.number(axis.value)} - {axis.first}) / {axis.step}) AS BIGINT)"
    listed = [item(one.value.sql, column.sql_name) for one, column in zip(items, columns, strict=True)]
    listed.insert(key_count, item(place, "bin"))
    places = ", ".join(str(index + 1) for index in range(key_count + 1))
    within = f"WHERE {place} BETWEEN 0 AND {axis.last_place}"
    return context.program.add("points", select(listed, rows.source, within, f"GROUP BY {places}"), span)


def _series(
    context: Context,
    step: tree.MakeSeries,
    axis: _Axis,
    points: str,
    columns: list[BoundColumn],
    key_count: int,
    defaults: list[Bound],
) -> Rows:
    keys, values = columns[:key_count], columns[key_count:]
    listed = [f"g.{quoted(key.sql_name)}" for key in keys]
    for column, default in zip(values, defaults, strict=True):
        filled = Bound(f"coalesce(p.{quoted(column.sql_name)}, {default.sql})", column.type)
        listed.append(item(f"to_json(list({json_item(filled)} ORDER BY b.bin))", column.sql_name))
    name = default_name(step.axis.value if isinstance(step.axis, tree.Named) else step.axis) or "Column1"
    sql_names = SqlNames(("bin", *(column.sql_name for column in columns)))
    shown = BoundColumn(ColumnNames(column.name for column in columns).derived(name), sql_names.fresh(name), axis.type)
    number = f"{axis.first} + b.bin * {axis.step}"
    moment = Bound(f"make_timestamp({number})" if axis.type is KqlType.DATETIME else f"({number})", axis.type)
    listed.append(item(f"to_json(list({json_item(moment)} ORDER BY b.bin))", shown.sql_name))
    distinct = ", ".join(quoted(key.sql_name) for key in keys) or "true"
    groups = f"(SELECT DISTINCT {distinct} FROM {points})"  # noqa: S608 - quoted names
    alike = [f"p.{quoted(key.sql_name)} IS NOT DISTINCT FROM g.{quoted(key.sql_name)}" for key in keys]
    body = select(
        listed,
        f"{groups} AS g",
        f"CROSS JOIN {axis.places} AS b",
        f"LEFT JOIN {points} AS p",
        "ON " + " AND ".join(("p.bin = b.bin", *alike)),
        "GROUP BY " + ", ".join(str(index + 1) for index in range(key_count)) if keys else "",
        "" if keys else "HAVING count(*) > 0",
    )
    arrays = (BoundColumn(one.name, one.sql_name, KqlType.DYNAMIC) for one in (*values, shown))
    return Rows(context.program.add("series", body, step.span), (*keys, *arrays))
