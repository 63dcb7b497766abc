"""``mv-expand`` and ``mv-apply``; the word of each was read."""

from query.kql import tree
from query.kql.syntax import columns, operators, options
from query.kql.syntax.cursor import Cursor


def parse_mv_expand(cursor: Cursor, start: int) -> tree.MvExpand:
    """``mv-expand a, b = c to typeof(long) limit 5``."""
    found = options.parse_options(cursor, "kind", "bagexpansion", "with_itemindex")
    items = _columns(cursor)
    limit = _limit(cursor)
    return tree.MvExpand(
        cursor.span_from(start),
        items,
        found.get("bagexpansion", found.get("kind", "")),
        found.get("with_itemindex", ""),
        limit,
    )


def parse_mv_apply(cursor: Cursor, start: int) -> tree.MvApply:
    """``mv-apply a to typeof(long) on (top 1 by a)``."""
    found = options.parse_options(cursor, "kind", "bagexpansion", "with_itemindex")
    items = _columns(cursor)
    limit = _limit(cursor)
    if cursor.accept_word("id"):
        operators.parse_expression(cursor)
    cursor.expect_word("on", "before what is applied", "write on (top 1 by a)")
    applied = parse_applied(cursor, "on")
    return tree.MvApply(cursor.span_from(start), items, applied, found.get("with_itemindex", ""), limit)


def parse_applied(cursor: Cursor, word: str) -> tuple[tree.Operator, ...]:
    """``(step | step)``: steps without a table, which is what ``word`` makes of each row or value."""
    # Steps hold steps; their table needs all of them.
    from query.kql.syntax import steps

    opening = cursor.expect_mark("(", f"after '{word}'")
    with cursor.level():
        applied = [steps.parse_step(cursor)]
        while cursor.accept_mark("|"):
            applied.append(steps.parse_step(cursor))
    cursor.close(opening, ")", tuple(steps.STEPS))
    return tuple(applied)


def _columns(cursor: Cursor) -> tuple[tree.ExpandedColumn, ...]:
    found = [_column(cursor)]
    while cursor.accept_mark(","):
        found.append(_column(cursor))
    return tuple(found)


def _column(cursor: Cursor) -> tree.ExpandedColumn:
    start = cursor.start
    name = None
    if cursor.token.is_name and cursor.ahead().is_mark("="):
        name = cursor.expect_name("the name of a column")
        cursor.next()
    value = operators.parse_expression(cursor)
    kind = columns.parse_typeof(cursor) if cursor.accept_word("to") else None
    return tree.ExpandedColumn(cursor.span_from(start), name, value, kind)


def _limit(cursor: Cursor) -> tree.Expression | None:
    return operators.parse_expression(cursor) if cursor.accept_word("limit") else None
