"""FILTER of aggregates as CASE inside them, which every engine has, and lists that are joined to one text as one."""

from sqlglot import exp

from query.dialects.target import Target

JOINED = "patchdeck_joined"
_IGNORING_NULL = (
    *(
        exp.Sum,
        exp.Avg,
        exp.Min,
        exp.Max,
        exp.CountIf,
        exp.AnyValue,
        exp.LogicalOr,
        exp.LogicalAnd,
        exp.ArgMax,
        exp.ArgMin,
    ),
    *(exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.GroupConcat, exp.Stddev, exp.StddevSamp, exp.Variance),
)


def join_lists(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with ``array_to_string(list_sort(list(…))[:n], ', ')`` as one aggregate, `JOINED`."""
    for call in list(tree.find_all(exp.ArrayToString)):
        listed: exp.Expr = call.this
        limit: exp.Expr = exp.Null()
        if isinstance(listed, exp.Bracket) and isinstance(listed.expressions[0], exp.Slice):
            listed, limit = _sliced(listed, target)
        condition = None
        inner = listed.this if isinstance(listed, exp.ArraySort) else None
        if isinstance(inner, exp.Filter):
            condition, inner = inner.expression.this, inner.this
        if not isinstance(inner, exp.ArrayAgg):
            continue
        value, is_distinct = inner.this, isinstance(inner.this, exp.Distinct)
        value = value.expressions[0] if isinstance(value, exp.Distinct) else value
        if isinstance(value, exp.Order) or (len(listed.args) > 1 and listed.args.get("asc")):
            continue
        value = _guarded(value, condition) if condition is not None else value
        separator = call.expression
        # What is counted to know whether there is a list at all: DuckDB's list of no rows is NULL.
        row: exp.Expr = exp.Literal.number(1)
        row = _guarded(row, condition) if condition is not None else row
        row.type = exp.DataType.build("INT")
        distinct = exp.Boolean(this=is_distinct)
        joined = exp.Anonymous(this=JOINED, expressions=[value, limit, separator, distinct, row])
        joined.type = exp.DataType.build("VARCHAR")
        call.replace(joined)
    return tree


def fold_filters(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without FILTER."""
    for node in list(tree.find_all(exp.Filter)):
        aggregate, condition = node.this, node.expression.this
        aggregate = aggregate.this if isinstance(aggregate, exp.IgnoreNulls) else aggregate
        if isinstance(aggregate, exp.Count):
            _count_where(aggregate, condition)
        elif isinstance(aggregate, _IGNORING_NULL):
            value = aggregate.this
            if isinstance(value, exp.Distinct):
                value.set("expressions", [_guarded(value.expressions[0], condition)])
            elif isinstance(value, exp.Order):
                target.refuse(node, "FILTER of an ordered aggregate")
            else:
                aggregate.set("this", _guarded(value, condition))
        else:
            target.refuse(node, f"{aggregate.key}() with FILTER")
        node.replace(aggregate)
    return tree


def _sliced(bracket: exp.Bracket, target: Target) -> tuple[exp.Expr, exp.Expr]:
    part = bracket.expressions[0]
    first, last = part.this, part.expression
    if (
        (first is not None and first.name not in ("", "0", "1"))
        or not isinstance(last, exp.Literal)
        or part.args.get("step")
    ):
        target.refuse(bracket, "A slice of a list that does not begin at its first element")
    return bracket.this, last


def _count_where(count: exp.Count, condition: exp.Expr) -> None:
    counted = count.this
    if isinstance(counted, exp.Distinct):
        counted.set("expressions", [_guarded(counted.expressions[0], condition)])
    elif counted is None or isinstance(counted, exp.Star):
        count.set("this", _guarded(exp.Literal.number(1), condition))
    else:
        count.set("this", _guarded(counted, condition))


def _guarded(value: exp.Expr, condition: exp.Expr) -> exp.Expr:
    guarded = exp.Case(ifs=[exp.If(this=condition.copy(), true=value)])
    guarded.type = value.type
    return guarded
