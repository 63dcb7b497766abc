"""Says every expression again, from the inside out; what no handler knows stays, and `check` refuses it."""

from sqlglot import exp

from query.dialects.functions.aggregates import AGGREGATES, AGGREGATES_BY_NAME
from query.dialects.functions.casts import CASTS
from query.dialects.functions.comparisons import COMPARISONS
from query.dialects.functions.handler import Handler
from query.dialects.functions.lists import LISTS, LISTS_BY_NAME, member_of
from query.dialects.functions.numbers import NUMBERS
from query.dialects.functions.regexes import REGEXES
from query.dialects.functions.texts import TEXTS, TEXTS_BY_NAME
from query.dialects.functions.times import TIMES, TIMES_BY_NAME
from query.dialects.saying import is_said
from query.dialects.target import Target

_HANDLERS: dict[type[exp.Expr], Handler] = {
    **AGGREGATES,
    **CASTS,
    **COMPARISONS,
    **LISTS,
    **NUMBERS,
    **REGEXES,
    **TEXTS,
    **TIMES,
}
_BY_NAME: dict[str, Handler] = {**AGGREGATES_BY_NAME, **LISTS_BY_NAME, **TEXTS_BY_NAME, **TIMES_BY_NAME}

# What changes a call's meaning and no handler looks at.
_EXTRAS = (
    "symmetric",
    "zone",
    "action",
    "format_",
    "occurrence",
    "parameters",
    "modifiers",
    "collation",
)


def lower(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` in functions and operators of the target's engine."""
    for bracket in list(tree.find_all(exp.Bracket)):
        if _is_member(bracket):
            member = member_of(bracket, target)
            bracket.type = exp.DataType.build("VARCHAR")
            _replace(bracket, member)
    for node in reversed(list(tree.walk(bfs=False))):
        handler = None if is_said(node) else _handler(node)
        if handler is not None and any(node.args.get(name) for name in _EXTRAS):
            target.refuse(node, node.sql("duckdb")[:80])
        if handler is not None and node.parent is not None:
            said = handler(node, target)
            if (
                isinstance(node.parent, exp.Window)
                and node is node.parent.this
                and not isinstance(said, exp.Func | exp.WithinGroup)
            ):
                target.refuse(node, f"{node.key}() OVER")
            _replace(node, said)
    return tree


def _handler(node: exp.Expr) -> Handler | None:
    if isinstance(node, exp.Anonymous):
        return _BY_NAME.get(node.name.casefold())
    if isinstance(node, exp.IgnoreNulls) and isinstance(node.this, exp.AnyValue | exp.Min):
        return lambda ignoring, _target: ignoring.this
    return _HANDLERS.get(type(node))


def _is_member(bracket: exp.Bracket) -> bool:
    cast = bracket.this.unnest()
    return isinstance(cast, exp.Cast) and cast.to.this is exp.DType.MAP


def _replace(node: exp.Expr, said: exp.Expr) -> None:
    if said is not node:
        said.type = node.type
        node.replace(said)
