"""Steps that sort and cut rows: sort, top, take, sample, serialize."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.names import item
from query.kql.program import select
from query.kql.rows import OrderKey, Rows
from query.kql.scope import RowScope
from query.kql.steps.projections import extended
from query.kql.steps.windows import in_own_order
from query.kql.types import KqlType
from query.kql.values import bind


def bind_sort(context: Context, rows: Rows, step: tree.Sort) -> Rows:
    """``sort by``: nothing is sorted here; the order goes on to the step that needs it, at last to the end."""
    return _sorted(context, rows, step.keys, step.span)


def _sorted(context: Context, rows: Rows, keys: tuple[tree.SortKey, ...], span: tree.Span) -> Rows:
    scope = RowScope(context, rows)
    rows = context.program.written(rows, span) if not all(isinstance(key.value, tree.Name) for key in keys) else rows
    names, added, order = rows.sql_names, [], []
    for key in keys:
        bound = bind(key.value, scope)
        column = next((one for one in rows.columns if one.value.sql == bound.sql), None)
        if column is None:
            rows = context.program.written(rows, span)
            column = BoundColumn("", names.fresh("sort_key"), bound.type)
            added.append(item(bound.sql, column.sql_name))
        order.append(_key(key, column))
    if added:
        source = context.program.add("sorted_rows", select(["*", *added], rows.source), span)
        hidden = {key.column.sql_name.casefold() for key in order if not key.column.name}
        rows = replace(rows, source=source, unseen=rows.unseen | hidden)
    return replace(rows, order=tuple(order))


def _key(key: tree.SortKey, column: BoundColumn) -> OrderKey:
    """desc unless written; nulls are the smallest unless written."""
    is_ascending = bool(key.is_ascending)
    return OrderKey(column, is_ascending, is_ascending if key.nulls_first is None else key.nulls_first)


def bind_top(context: Context, rows: Rows, step: tree.Top) -> Rows:
    """``top count by keys``."""
    return _cut(context, _sorted(context, rows, step.keys, step.span), step.count, "top_rows", step.span)


def bind_take(context: Context, rows: Rows, step: tree.Take) -> Rows:
    """``take`` and ``sample``: any rows; the first where they have an order."""
    if step.is_sample:
        rows = context.program.written(rows, step.span)
        if rows.group:
            raise KqlProblem("sample is not translated inside of mv-apply or partition: use take.", step.span)
        tail = ("ORDER BY random()", f"LIMIT {_count(context, step.count)}")
        return replace(rows, source=context.program.add("sampled", select(["*"], rows.source, *tail), step.span))
    return _cut(context, rows, step.count, "taken", step.span)


def _cut(context: Context, rows: Rows, count: tree.Expression, label: str, span: tree.Span) -> Rows:
    limit = _count(context, count)
    rows = context.program.written(rows, span)
    if rows.group:
        order = f" {rows.order_by}" if rows.order else ""
        number = f"row_number() OVER (PARTITION BY {rows.group.value.sql}{order})"
        body = select(["*"], rows.source, f"QUALIFY {number} <= {limit}")
    else:
        body = select(["*"], rows.source, rows.order_by, f"LIMIT {limit}")
    return replace(rows, source=context.program.add(label, body, span))


def _count(context: Context, count: tree.Expression) -> str:
    found: Bound = context.evaluate(context, count).bound
    if found.type not in (KqlType.LONG, KqlType.INT):
        raise KqlProblem("A whole number of rows stands here.", count.span)
    if isinstance(found.literal, int) and found.literal < 0:
        raise KqlProblem("The number of rows cannot be negative.", count.span)
    return found.sql if found.is_literal else f"({found.sql})"


def bind_serialize(context: Context, rows: Rows, step: tree.Serialize) -> Rows:
    """``serialize``: the order that the rows have, or that in which they come, counts from here on."""
    rows = rows if rows.order else in_own_order(context, rows, step.span)
    return extended(context, rows, step.columns, step.span) if step.columns else rows
