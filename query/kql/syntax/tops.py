"""Steps that choose among values of columns: sample-distinct, top-hitters, top-nested, partition."""

from query.kql import tree
from query.kql.column_names import default_name
from query.kql.errors import KqlProblem
from query.kql.syntax import columns, expansions, operators, options
from query.kql.syntax.cursor import Cursor


def parse_sample_distinct(cursor: Cursor, start: int) -> tree.Composite:
    """``sample-distinct 5 of a``: any of the distinct values."""
    count = operators.parse_expression(cursor)
    cursor.expect_word("of", "after the number of values")
    value = columns.parse_column(cursor)
    span = cursor.span_from(start)
    return tree.Composite(span, (tree.Distinct(span, (value,)), tree.Take(span, count)))


def parse_top_hitters(cursor: Cursor, start: int) -> tree.Composite:
    """``top-hitters 5 of a by b``: the values with the most rows, or the largest sums; exact here."""
    count = operators.parse_expression(cursor)
    cursor.expect_word("of", "after the number of values")
    value = columns.parse_column(cursor)
    weight = operators.parse_expression(cursor) if cursor.accept_word("by") else None
    span = cursor.span_from(start)
    of = weight or (value.value if isinstance(value, tree.Named) else value)
    name = tree.Name(span, f"approximate_{'sum' if weight else 'count'}_{default_name(of) or ''}")
    aggregate = tree.Call(span, tree.Name(span, "sum" if weight else "count"), (weight,) if weight else ())
    summary = tree.Summarize(span, (tree.Named(span, (name,), aggregate),), (value,), has_by=True)
    return tree.Composite(span, (summary, tree.Top(span, count, (tree.SortKey(span, name),))))


def parse_top_nested(cursor: Cursor, start: int) -> tree.TopNested:
    """``top-nested 3 of a by count(), top-nested 2 of b by sum(c) asc``."""
    levels = [_level(cursor)]
    while cursor.accept_mark(","):
        for word in ("top", "-", "nested"):
            if cursor.token.text != word:
                raise cursor.unexpected("'top-nested' is expected before each level")
            cursor.next()
        levels.append(_level(cursor))
    return tree.TopNested(cursor.span_from(start), tuple(levels))


def _level(cursor: Cursor) -> tree.NestedLevel:
    start = cursor.start
    count = None if cursor.token.is_word("of") else operators.parse_expression(cursor)
    cursor.expect_word("of", "after the number of values")
    key = columns.parse_column(cursor)
    if cursor.token.is_word("with"):
        raise KqlProblem("'with others' is not translated: leave it out.", cursor.token.span)
    cursor.expect_word("by", "before what the values are compared by", "write by count()")
    aggregate = columns.parse_column(cursor)
    order = cursor.accept_word("asc", "desc")
    is_ascending = order is not None and order.text == "asc"
    return tree.NestedLevel(cursor.span_from(start), count, key, aggregate, is_ascending)


def parse_partition(cursor: Cursor, start: int) -> tree.Partition:
    """``partition by a (top 1 by b)``."""
    options.parse_options(cursor)
    cursor.expect_word("by", "before the column to part the rows by")
    key = cursor.expect_name("the name of a column")
    if cursor.token.is_mark("{"):
        raise KqlProblem(
            "A whole query in braces is not translated: write the steps alone, in round brackets.", cursor.token.span
        )
    return tree.Partition(cursor.span_from(start), key, expansions.parse_applied(cursor, "by"))
