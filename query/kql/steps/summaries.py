"""Steps that make fewer rows of many: summarize, distinct, count."""

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.definitions import Context
from query.kql.items import Item, bind_items
from query.kql.names import ColumnNames, SqlNames, item
from query.kql.program import select, spare_of
from query.kql.rows import Rows
from query.kql.scope import RowScope
from query.kql.types import KqlType
from query.kql.values import bind_aggregate_columns


def bind_summarize(context: Context, rows: Rows, step: tree.Summarize) -> Rows:
    """``summarize``: keys first, then aggregates."""
    rows = context.program.written(rows, step.span)
    names = ColumnNames()
    keys = bind_items(step.keys, RowScope(context, rows), names)
    grouped = {key.value.sql for key in keys}
    starred = tuple(column for column in rows.columns if column.value.sql not in grouped)
    scope = RowScope(context, rows, allows_aggregates=True, starred=starred)
    taken = ColumnNames(key.name for key in keys)
    aggregates = [
        Item(taken.derived(name or None), value)
        for expression in step.aggregates
        for name, value in bind_aggregate_columns(expression, scope)
    ]
    return grouped_rows(context, rows, keys, aggregates, step.span)


def grouped_rows(context: Context, rows: Rows, keys: list[Item], aggregates: list[Item], span: tree.Span) -> Rows:
    """One row for each group; one row in all where there are no keys."""
    names = SqlNames()
    group = BoundColumn("", names.fresh(rows.group.sql_name), rows.group.type) if rows.group else None
    listed = [rows.group.value.sql] if rows.group else []
    columns = [BoundColumn(one.name, names.fresh(one.name), one.value.type) for one in (*keys, *aggregates)]
    items = [item(one.sql, column.sql_name) for one, column in zip((*keys, *aggregates), columns, strict=True)]
    spare = spare_of(items[len(keys) :], columns[len(keys) :])
    listed += items
    count = len(keys) + bool(group)
    clause = "GROUP BY " + ", ".join(str(place + 1) for place in range(count)) if count else ""
    source = context.program.add("summarized", select(listed, rows.source, clause), span, spare)
    unseen = frozenset((group.sql_name.casefold(),)) if group else frozenset()
    return Rows(source, tuple(columns), group=group, unseen=unseen)


def bind_distinct(context: Context, rows: Rows, step: tree.Distinct) -> Rows:
    """``distinct``; ``*`` is all columns."""
    rows = context.program.written(rows, step.span)
    items: list[Item] = []
    scope, names = RowScope(context, rows), ColumnNames()
    for one in step.columns:
        if isinstance(one, tree.Star):
            items += [Item(names.derived(column.name), column.value) for column in rows.columns]
        else:
            items += bind_items([one], scope, names)
    return grouped_rows(context, rows, items, [], step.span)


def bind_count(context: Context, rows: Rows, step: tree.Count) -> Rows:
    """``count``: one row with one column, Count."""
    rows = context.program.written(rows, step.span)
    name = step.column.text if step.column else "Count"
    return grouped_rows(context, rows, [], [Item(name, Bound("count(*)", KqlType.LONG))], step.span)
