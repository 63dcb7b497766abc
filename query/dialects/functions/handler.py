"""What says one construct again."""

from collections.abc import Callable

from sqlglot import exp

from query.dialects.saying import Forms, say
from query.dialects.target import Target

Handler = Callable[[exp.Expr, Target], exp.Expr]


def arguments_of(node: exp.Expr) -> list[exp.Expr]:
    """The arguments of a call in the order in which sqlglot holds them."""
    found: list[exp.Expr] = []
    for value in node.args.values():
        found += [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, exp.Expr)]
    return found


def spelled(forms: Forms, count: int | None = None) -> Handler:
    """Says a call by ``forms``, its arguments in order; ``count`` is how many it must have."""

    def handle(node: exp.Expr, target: Target) -> exp.Expr:
        arguments = arguments_of(node)
        if count is not None and len(arguments) != count:
            target.refuse(node, f"{node.name or node.key} with {len(arguments)} arguments")
        return say(node, target, forms, *arguments)

    return handle


def operand(node: exp.Expr) -> exp.Expr:
    """What ``node`` is made of, where that alone says it."""
    value: exp.Expr = node.this
    return value


def kept(node: exp.Expr) -> exp.Expr:
    """``node`` as it is, for a later pass."""
    node.meta["said"] = True
    return node
