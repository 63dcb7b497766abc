"""Values that look at other rows: these get an order that no two of them share, and what is inside comes first."""

from collections.abc import Callable, Sequence
from dataclasses import fields, replace

from query.kql import tree
from query.kql.bound import Bound, BoundColumn
from query.kql.definitions import Context
from query.kql.functions.windows import WINDOWS
from query.kql.names import item
from query.kql.program import select
from query.kql.rows import OrderKey, Rows
from query.kql.scope import RowScope
from query.kql.types import KqlType
from query.kql.values import bind

# Names that no query writes by chance.
_VALUE = "value for a window"
_ORDER = "row_order"
# Windows that a condition restarts, and which argument that is.
_RESTARTS = {"row_number": 1, "row_cumsum": 1, "row_rank_dense": 1}


def with_windows(
    context: Context, rows: Rows, expressions: Sequence[tree.Expression], span: tree.Span
) -> tuple[Rows, tuple[tree.Expression, ...]]:
    """``rows`` and ``expressions`` made so that every window among these is one of SQL.

    SQL takes no window inside of another: the inner one becomes a column first, which the outer one names. So do the
    conditions at which a window begins anew: rows up to the next such one are a partition.
    """
    if not any(_has_window(one) for one in expressions):
        return rows, tuple(expressions)
    hoist = _Hoist(context, in_own_order(context, rows, span) if rows.order else rows, span)
    changed = tuple(hoist.flattened(one) for one in expressions)
    return hoist.rows, changed


def without_values(rows: Rows) -> Rows:
    """``rows`` without the columns that `with_windows` added."""
    added = {column for column in rows.columns if column.name.startswith(_VALUE)}
    kept = tuple(column for column in rows.columns if column not in added)
    return replace(rows, columns=kept, unseen=rows.unseen | {column.sql_name.casefold() for column in added})


def in_own_order(context: Context, rows: Rows, span: tree.Span) -> Rows:
    """``rows`` in the order that they have, or that in which they come, by numbers: equal keys stay in one order."""
    if rows.order and rows.order[0].column.sql_name.startswith(_ORDER):
        return rows
    rows = context.program.written(rows, span)
    column = BoundColumn("", rows.sql_names.fresh(_ORDER), KqlType.LONG)
    number = f"row_number() OVER ({rows.order_by})"
    source = context.program.add("serialized", select(["*", item(number, column.sql_name)], rows.source), span)
    unseen = rows.unseen | {column.sql_name.casefold()}
    return replace(rows, source=source, order=(OrderKey(column, True, False),), unseen=unseen)


class _Hoist:
    """Puts what is inside of windows into columns of ``rows``."""

    def __init__(self, context: Context, rows: Rows, span: tree.Span) -> None:
        self.rows = rows
        self._context = context
        self._span = span

    def flattened(self, expression: tree.Expression) -> tree.Expression:
        """``expression`` with no window inside of a window."""
        if not _is_window(expression):
            return _changed(expression, self.flattened)
        assert isinstance(expression, tree.Call)
        arguments = [self._column_of(one) if _has_window(one) else one for one in expression.arguments]
        name = expression.name.text
        if name == "row_rank_dense" and arguments:
            arguments[0] = self._change_of(arguments[0])
        place = _RESTARTS.get(name)
        if place is not None and len(arguments) > place:
            arguments[place] = self._runs_of(arguments[place])
        return replace(expression, arguments=tuple(arguments))

    def _column_of(self, expression: tree.Expression) -> tree.Name:
        inner = self.flattened(expression)
        return self._add(bind(inner, RowScope(self._context, self.rows)), expression.span)

    def _change_of(self, expression: tree.Expression) -> tree.Name:
        """1 where the value is not that of the row before, else 0."""
        sql = bind(expression, RowScope(self._context, self.rows)).sql
        changed = f"CAST({sql} IS DISTINCT FROM lag({sql}) OVER ({self.rows.window}) AS BIGINT)"
        return self._add(Bound(changed, KqlType.LONG), expression.span)

    def _runs_of(self, expression: tree.Expression) -> tree.Name:
        """The number of the run of rows, where each row at which the condition holds begins one."""
        condition = bind(expression, RowScope(self._context, self.rows))
        starts = self._add(Bound(f"CAST(coalesce({condition.sql}, false) AS BIGINT)", KqlType.LONG), expression.span)
        sql = f"sum({self.rows.column(starts).value.sql}) OVER ({self.rows.window} ROWS UNBOUNDED PRECEDING)"
        return self._add(Bound(f"CAST({sql} AS BIGINT)", KqlType.LONG), expression.span)

    def _add(self, value: Bound, span: tree.Span) -> tree.Name:
        self.rows = self._context.program.written(self.rows, self._span)
        column = BoundColumn(
            f"{_VALUE} {len(self.rows.columns)}", self.rows.sql_names.fresh("window_value"), value.type
        )
        body = select(["*", item(value.sql, column.sql_name)], self.rows.source)
        source = self._context.program.add("looked_around", body, self._span)
        self.rows = replace(self.rows, source=source, columns=(*self.rows.columns, column))
        return tree.Name(span, column.name)


def _is_window(expression: tree.Expression) -> bool:
    return isinstance(expression, tree.Call) and expression.name.text in WINDOWS


def _has_window(expression: tree.Expression) -> bool:
    return _is_window(expression) or any(_has_window(part) for part in _parts(expression))


def _parts(expression: tree.Expression) -> list[tree.Expression]:
    """The values right inside of one; a query inside of it has rows of its own."""
    if isinstance(expression, tree.Subquery):
        return []
    values = [getattr(expression, field.name) for field in fields(expression)]
    flat = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in flat if isinstance(one, tree.Expression)]


def _changed(expression: tree.Expression, change: Callable[[tree.Expression], tree.Expression]) -> tree.Expression:
    """``expression`` with every value right inside of it changed."""
    if isinstance(expression, tree.Subquery) or not _has_window(expression):
        return expression
    parts: dict[str, object] = {}
    for field in fields(expression):
        value = getattr(expression, field.name)
        if isinstance(value, tuple):
            parts[field.name] = tuple(change(one) if isinstance(one, tree.Expression) else one for one in value)
        elif isinstance(value, tree.Expression):
            parts[field.name] = change(value)
    return replace(expression, **parts)  # type: ignore[arg-type]  # each under the field that it came from
