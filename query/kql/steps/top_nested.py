"""``top-nested``: the values of a column that have the most of something, and within each the values of the next."""

from dataclasses import replace

from query.kql import tree
from query.kql.bound import BoundColumn
from query.kql.definitions import Context
from query.kql.errors import KqlProblem
from query.kql.items import Item, bind_items
from query.kql.names import ColumnNames, SqlNames, item
from query.kql.program import select
from query.kql.rows import Rows
from query.kql.scope import RowScope
from query.kql.steps.summaries import grouped_rows
from query.kql.types import KqlType
from query.kql.values import bind_aggregate_columns


def bind_top_nested(context: Context, rows: Rows, step: tree.TopNested) -> Rows:
    """``top-nested``: for each level its values and what these were compared by, under ``aggregated_…``.

    A level counts all rows of a value, whatever the levels below it choose.
    """
    if rows.group:
        raise KqlProblem("top-nested is not translated inside of mv-apply or partition.", step.span)
    rows, keys, chosen = context.program.written(rows, step.span), list[Item](), None
    names = ColumnNames()
    for level in step.levels:
        keys = [*keys, _key(context, rows, level, names)]
        found = _level(context, rows, keys, level)
        chosen = found if chosen is None else _within(context, chosen, found, len(keys) - 1, step.span)
        chosen = _cut(context, chosen, level, len(keys))
    assert chosen is not None
    return chosen


def _key(context: Context, rows: Rows, level: tree.NestedLevel, names: ColumnNames) -> Item:
    return bind_items([level.key], RowScope(context, rows), names)[0]


def _level(context: Context, rows: Rows, keys: list[Item], level: tree.NestedLevel) -> Rows:
    """The aggregate of each value, behind the keys of the levels so far."""
    found = bind_aggregate_columns(level.aggregate, RowScope(context, rows, allows_aggregates=True))
    if len(found) != 1:
        raise KqlProblem("One value to compare by stands here.", level.aggregate.span)
    name = found[0][0] if isinstance(level.aggregate, tree.Named) else f"aggregated_{keys[-1].name}"
    return grouped_rows(context, rows, keys, [Item(name, found[0][1])], level.span)


def _within(context: Context, chosen: Rows, found: Rows, count: int, span: tree.Span) -> Rows:
    """What was ``chosen`` so far, with the values of the next level; the ``count`` keys of both are the same."""
    names = SqlNames()
    sides = [("l", column) for column in chosen.columns] + [("r", column) for column in found.columns[count:]]
    columns = tuple(BoundColumn(one.name, names.fresh(one.name), one.type) for _, one in sides)
    listed = [item(f"{side}.{old.value.sql}", new.sql_name) for (side, old), new in zip(sides, columns, strict=True)]
    pairs = zip(_keys_of(chosen, count), found.columns[:count], strict=True)
    alike = [f"l.{one.value.sql} IS NOT DISTINCT FROM r.{other.value.sql}" for one, other in pairs]
    body = select(listed, f"{chosen.source} AS l", f"JOIN {found.source} AS r", "ON " + " AND ".join(alike))
    return Rows(context.program.add("nested", body, span), columns)


def _keys_of(chosen: Rows, count: int) -> tuple[BoundColumn, ...]:
    """The keys of the levels so far: each stands before what it was compared by."""
    return chosen.columns[: 2 * count : 2]


def _cut(context: Context, rows: Rows, level: tree.NestedLevel, depth: int) -> Rows:
    if level.count is None:
        return rows
    count = context.evaluate(context, level.count).bound
    if count.type is not KqlType.LONG:
        raise KqlProblem("A whole number of values stands here.", level.count.span)
    keys = _keys_of(rows, depth)[: depth - 1]
    part = f"PARTITION BY {', '.join(key.value.sql for key in keys)} " if keys else ""
    order = "ASC NULLS FIRST" if level.is_ascending else "DESC NULLS LAST"
    number = f"row_number() OVER ({part}ORDER BY {rows.columns[-1].value.sql} {order})"
    body = select(["*"], rows.source, f"QUALIFY {number} <= {count.sql}")
    return replace(rows, source=context.program.add("top_values", body, level.span))
