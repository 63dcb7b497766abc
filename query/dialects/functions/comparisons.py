"""Comparisons of values of one kind; days are compared with times as their beginnings, spans by moving a time."""

from sqlglot import exp

from query.dialects.functions.handler import Handler
from query.dialects.functions.spans import shift, span_of
from query.dialects.functions.times import as_time
from query.dialects.kinds import Kind, kind
from query.dialects.saying import say
from query.dialects.target import Target

_NUMBERS = (Kind.INTEGER, Kind.DECIMAL, Kind.REAL)
_TEXTS = (Kind.TEXT, Kind.JSON)


def _compare(node: exp.Expr, target: Target) -> exp.Expr:
    left, right = node.this, node.expression
    if kind(left) is Kind.SPAN or kind(right) is Kind.SPAN:
        return _compare_spans(node, target)
    left, right = _alike(node, left, right, target)
    return type(node)(this=left, expression=right)


def _compare_spans(node: exp.Expr, target: Target) -> exp.Expr:
    """``a - b > span`` as ``a > b + span``."""
    left, right = node.this.unnest(), node.expression.unnest()
    if isinstance(left, exp.Sub) and kind(left.this) in (Kind.TIME, Kind.DAY):
        return type(node)(this=as_time(left.this, target), expression=_later(left, right, target))
    if isinstance(right, exp.Sub) and kind(right.this) in (Kind.TIME, Kind.DAY):
        return type(node)(this=_later(right, left, target), expression=as_time(right.this, target))
    return target.refuse(node, "A comparison of two spans of time")


def _later(difference: exp.Sub, span: exp.Expr, target: Target) -> exp.Expr:
    measured = span_of(span, target)
    if measured.unit in ("MONTH", "YEAR"):
        target.refuse(difference, "A difference of times compared with months", "Months are not all as long.")
    return shift(difference, as_time(difference.expression, target), measured, "+", target)


def _alike(node: exp.Expr, left: exp.Expr, right: exp.Expr, target: Target) -> tuple[exp.Expr, exp.Expr]:
    kinds = {kind(left), kind(right)} - {Kind.NOTHING}
    if len(kinds) <= 1 and not kinds & {Kind.UNKNOWN, Kind.LIST, Kind.STRUCT}:
        return left, right
    if kinds <= set(_NUMBERS) or kinds <= set(_TEXTS):
        return left, right
    if kinds == {Kind.DAY, Kind.TEXT} and _has_literal(left, right):
        return _as_day(left, target), _as_day(right, target)
    if kinds <= {Kind.DAY, Kind.TIME} or (kinds == {Kind.TIME, Kind.TEXT} and _has_literal(left, right)):
        return as_time(left, target), as_time(right, target)
    return target.refuse(node, node.sql("duckdb")[:80], "It compares values of different or unknown types: cast them.")


def _has_literal(*sides: exp.Expr) -> bool:
    return any(isinstance(side, exp.Literal) for side in sides)


def _as_day(node: exp.Expr, target: Target) -> exp.Expr:
    return say(node, target, {"*": "CAST({0} AS DATE)"}, node) if isinstance(node, exp.Literal) else node


def _between(node: exp.Expr, target: Target) -> exp.Expr:
    low, high = node.args["low"], node.args["high"]
    at_least = _compare(exp.GTE(this=node.this.copy(), expression=low.copy()), target)
    at_most = _compare(exp.LTE(this=node.this.copy(), expression=high.copy()), target)
    return exp.paren(exp.And(this=at_least, expression=at_most))


def _in(node: exp.Expr, target: Target) -> exp.Expr:
    if node.args.get("unnest") or node.args.get("field"):
        target.refuse(node, "IN of a list that is computed", "Use list_contains() of a written one.")
    for item in node.expressions:
        _alike(node, node.this, item, target)
    if node.args.get("query") is not None and isinstance(node.this, exp.Tuple) and target.engine.value == "tsql":
        target.refuse(node, "IN of several columns", "Write EXISTS.")
    if kind(node.this) in (Kind.DAY, Kind.TIME) and any(isinstance(item, exp.Literal) for item in node.expressions):
        wanted = as_time if kind(node.this) is Kind.TIME else _as_day
        node.set("expressions", [wanted(item, target) for item in node.expressions])
    return node


COMPARISONS: dict[type[exp.Expr], Handler] = {
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ), _compare),
    exp.Between: _between,
    exp.In: _in,
}
