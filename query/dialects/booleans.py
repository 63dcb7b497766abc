"""T-SQL has no truth values: conditions are no values, and a bit is no condition."""

from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.kinds import Kind, kind
from query.dialects.target import Target

_CONDITIONS = (exp.Predicate, exp.And, exp.Or, exp.Not, exp.Exists, exp.Is, exp.Escape, exp.Like)


def say_conditions(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` with bits compared with 1 where a condition stands, and conditions as CASE where a value stands."""
    if target.engine is not Engine.TSQL:
        return tree
    for node in reversed(list(tree.walk(bfs=False))):
        if node.parent is None:
            continue
        if _is_condition(node) and not _wants_condition(node):
            node.replace(_as_bit(node))
        elif not _is_condition(node) and _is_bit(node) and _wants_condition(node):
            node.replace(exp.EQ(this=node.copy(), expression=exp.Literal.number(1)))
    return tree


def _is_condition(node: exp.Expr) -> bool:
    if isinstance(node, exp.Paren):
        return _is_condition(node.this)
    return isinstance(node, _CONDITIONS) and not isinstance(node, exp.Boolean)


def _is_bit(node: exp.Expr) -> bool:
    if isinstance(node, exp.Boolean):
        return True
    return kind(node) is Kind.BOOL and isinstance(
        node, exp.Column | exp.Case | exp.Coalesce | exp.Func | exp.Cast | exp.Subquery
    )


def _wants_condition(node: exp.Expr) -> bool:
    parent = node.parent
    if isinstance(parent, exp.Paren):
        return _wants_condition(parent)
    if isinstance(parent, exp.Where | exp.Having | exp.And | exp.Or | exp.Not | exp.Escape):
        return True
    if isinstance(parent, exp.Join):
        return parent.args.get("on") is node
    if isinstance(parent, exp.If):
        case = parent.parent
        is_simple = isinstance(case, exp.Case) and case.this is not None
        return parent.this is node and not is_simple
    return False


def _as_bit(node: exp.Expr) -> exp.Expr:
    condition = node.unnest()
    ifs = [
        exp.If(this=condition.copy(), true=exp.Literal.number(1)),
        exp.If(this=exp.Not(this=exp.paren(condition.copy())), true=exp.Literal.number(0)),
    ]
    bit = exp.Cast(this=exp.Case(ifs=ifs), to=exp.DataType.build("BIT", dialect="tsql"))
    bit.type = exp.DataType.build("BOOLEAN")
    bit.meta["said"] = bit.to.meta["said"] = True
    return bit
