"""``mv-expand``: a row for each element of an array or member of a bag."""

from dataclasses import dataclass, replace

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.coercion import convert
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.names import ColumnNames, item
from query.kql.program import select
from query.kql.rows import OrderKey, Rows
from query.kql.scope import RowScope
from query.kql.types import KqlType
from query.kql.values import bind, default_name

# What an element must be to have a type: nothing is parsed, only cast.
_KINDS = {
    KqlType.BOOL: ("BOOLEAN",),
    KqlType.INT: ("BIGINT", "UBIGINT", "DOUBLE"),
    KqlType.LONG: ("BIGINT", "UBIGINT", "DOUBLE"),
    KqlType.REAL: ("BIGINT", "UBIGINT", "DOUBLE"),
    KqlType.DECIMAL: ("BIGINT", "UBIGINT", "DOUBLE"),
}


@dataclass(frozen=True, slots=True)
class Expansion:
    """One column that is expanded: its name, the SQL of its list of elements, their type."""

    name: str
    items: str
    type: KqlType


def bind_mv_expand(context: Context, rows: Rows, step: tree.MvExpand) -> Rows:
    """``mv-expand``.

    A null gives one row with null, an empty array or bag none; several columns go in step, the shorter filled with
    nulls.
    """
    return expanded(context, rows, step, is_bag=step.bag_expansion != "array")


def expanded(context: Context, rows: Rows, step: tree.MvExpand | tree.MvApply, *, is_bag: bool = True) -> Rows:
    """``rows`` with their arrays and bags taken apart, in order."""
    rows = context.program.written(rows, step.span)
    limit = _limit(context, step.limit)
    scope, names = RowScope(context, rows), ColumnNames()
    parts = [_expansion(one, scope, names, limit, is_bag=is_bag) for one in step.columns]
    sql_names, columns, listed, unseen = rows.sql_names, list(rows.columns), ["*"], set(rows.unseen)
    for part in parts:
        column = BoundColumn(part.name, sql_names.fresh(part.name), part.type)
        listed.append(item(f"unnest({part.items})", column.sql_name))
        place = next((index for index, one in enumerate(columns) if one.name == part.name), None)
        if place is None:
            columns.append(column)
        else:
            unseen.add(columns[place].sql_name.casefold())
            columns[place] = column
    order = list(rows.order)
    if step.index_column or order:
        longest = parts[0].items if len(parts) == 1 else None
        length = f"len({longest})" if longest else f"greatest({', '.join(f'len({part.items})' for part in parts)})"
        index = BoundColumn(step.index_column, sql_names.fresh(step.index_column or "item_index"), KqlType.LONG)
        listed.append(item(f"unnest(range({length}))", index.sql_name))
        if step.index_column:
            columns.append(index)
        else:
            unseen.add(index.sql_name.casefold())
        if order:
            order.append(OrderKey(index, is_ascending=True, nulls_first=False))
    source = context.program.add("expanded", select(listed, rows.source), step.span)
    return replace(rows, source=source, columns=tuple(columns), unseen=frozenset(unseen), order=tuple(order), label="")


def _limit(context: Context, limit: tree.Expression | None) -> str:
    if limit is None:
        return ""
    found: Bound = context.evaluate(context, limit).bound
    if found.type not in (KqlType.LONG, KqlType.INT):
        raise KqlProblem("A whole number of rows stands here.", limit.span)
    return found.sql


def _expansion(one: tree.ExpandedColumn, scope: RowScope, names: ColumnNames, limit: str, *, is_bag: bool) -> Expansion:
    value = bind(one.value, scope)
    if value.type is not KqlType.DYNAMIC:
        raise KqlProblem(
            f"Arrays and bags are expanded, and this is a {value.type.value}: a text of JSON needs todynamic(…).",
            one.value.span,
        )
    name = names.derived(one.name.text if one.name else default_name(one.value))
    type_ = one.type or KqlType.DYNAMIC
    items = f"kql_elements({value.sql})" if is_bag else f"kql_pairs({value.sql})"
    if type_ is not KqlType.DYNAMIC:
        items = f"list_transform({items}, lambda element: {_typed(type_)})"
    return Expansion(name, f"list_slice({items}, 1, {limit})" if limit else items, type_)


def _typed(type_: KqlType) -> str:
    element = convert(Bound("element", KqlType.DYNAMIC), type_).sql
    kinds = _KINDS.get(type_)
    if kinds is None:
        return element
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"CASE WHEN json_type(element) IN ({listed}) THEN {element} END"
