"""``make-series``."""

from query.kql import tree
from query.kql.syntax import columns, operators, options
from query.kql.syntax.cursor import Cursor


def parse_make_series(cursor: Cursor, start: int) -> tree.MakeSeries:
    """``make-series a = count() default=0 on t from x to y step z by k``, whose word was read."""
    options.parse_options(cursor, "kind")
    aggregates, defaults = _aggregates(cursor)
    cursor.expect_word("on", "before the axis of the series")
    axis = columns.parse_column(cursor)
    first, last, step = _old_range(cursor) if cursor.accept_word("in") else _range(cursor)
    keys = columns.parse_columns(cursor) if cursor.accept_word("by") else ()
    return tree.MakeSeries(cursor.span_from(start), aggregates, defaults, axis, first, last, step, keys)


def _aggregates(cursor: Cursor) -> tuple[tuple[tree.Expression, ...], tuple[tree.Expression | None, ...]]:
    aggregates: list[tree.Expression] = []
    defaults: list[tree.Expression | None] = []
    while True:
        aggregates.append(columns.parse_column(cursor))
        defaults.append(_default(cursor))
        if not cursor.accept_mark(","):
            return tuple(aggregates), tuple(defaults)


def _default(cursor: Cursor) -> tree.Expression | None:
    if not cursor.accept_word("default"):
        return None
    cursor.expect_mark("=", "after 'default'")
    return operators.parse_expression(cursor)


def _range(cursor: Cursor) -> tuple[tree.Expression | None, tree.Expression | None, tree.Expression]:
    first = operators.parse_expression(cursor) if cursor.accept_word("from") else None
    last = operators.parse_expression(cursor) if cursor.accept_word("to") else None
    cursor.expect_word("step", "before the width of a bin")
    return first, last, operators.parse_expression(cursor)


def _old_range(cursor: Cursor) -> tuple[tree.Expression | None, tree.Expression | None, tree.Expression]:
    """``in range(first, last, step)``."""
    cursor.expect_word("range", "after 'in'", "write in range(first, last, step)")
    opening = cursor.expect_mark("(", "after 'range'")
    first = operators.parse_expression(cursor)
    cursor.expect_mark(",", "after the first value")
    last = operators.parse_expression(cursor)
    cursor.expect_mark(",", "after the last value")
    step = operators.parse_expression(cursor)
    cursor.close(opening, ")")
    return first, last, step
