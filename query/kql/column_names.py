"""The names that KQL gives to columns that have none of their own."""

from query.kql import tree
from query.kql.aggregates import AGGREGATES
from query.kql.functions import SCALARS


def default_name(expression: tree.Expression) -> str | None:
    """The name of a column of this value; None where KQL numbers it (Column1, print_0).

    A name keeps itself, ``d.a[0]`` is ``d_a_0``, ``bin(t, 1h)`` is ``t``; an aggregate has its own rule, ``sum_x``.
    """
    match expression:
        case tree.Name(_, text):
            return text
        case tree.Path(_, base, name):
            return _joined(base, name.text)
        case tree.Element(_, base, tree.Literal(_, value)) if isinstance(value, str | int):
            return _joined(base, str(value))
        case tree.Element(_, base):
            return _joined(base, "")
        case tree.Call(_, tree.Name(_, name), arguments):
            return _called(name, arguments)
    return None


def _joined(base: tree.Expression, name: str) -> str | None:
    if isinstance(base, tree.Name) and base.text in ("$left", "$right"):
        return name
    first = default_name(base)
    return f"{first}_{name}" if first else None


def _called(name: str, arguments: tuple[tree.Expression, ...]) -> str | None:
    aggregate = AGGREGATES.get(name)
    if aggregate is not None:
        return aggregate.column_name(arguments, default_name)
    function = SCALARS.get(name)
    if function is None or not (function.keeps_name or function.prefix):
        return None
    of = default_name(arguments[0]) if arguments else None
    return f"{function.prefix}_{of or ''}" if function.prefix else of
