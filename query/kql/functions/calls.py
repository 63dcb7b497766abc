"""Calls of scalar functions as SQL: found by name, their arguments fitted, or refused with what would do."""

from collections.abc import Callable

from query.kql import tree
from query.kql.aggregates import AGGREGATES
from query.kql.bound import Bound, Scope
from query.kql.errors import KqlProblem, unknown
from query.kql.functions import SCALARS
from query.kql.functions.columns import bind_column_call
from query.kql.functions.refusals import refusal
from query.kql.functions.windows import WINDOWS
from query.kql.signature import Arguments, read_signature

# Their SQL looks at an argument from within a lambda, where DuckDB 2.0.0 takes no aggregate.
_NOT_OF_AGGREGATES = frozenset(
    {"array_rotate_left", "array_rotate_right", "array_shift_left", "array_shift_right", "array_iff", "array_iif"}
    | {"bag_merge", "bag_remove_keys", "bag_set_key", "zip", "array_sort_asc", "array_sort_desc"}
)

Bind = Callable[[tree.Expression, Scope], Bound]


def bind_call(call: tree.Call, scope: Scope, bind: Bind, bind_condition: Bind) -> Bound:
    """A call of a function of KQL.

    Raises:
        KqlProblem: there is none of that name, it is not supported, or its arguments do not do.
    """
    name = call.name.text
    function, window = SCALARS.get(name), WINDOWS.get(name)
    if scope.allows_aggregates and name in _NOT_OF_AGGREGATES:
        _check_arguments(call)
    if function is not None:
        return function.bind(_fitted(function.signature.text, call, scope, bind, bind_condition))
    if window is not None:
        return window.bind(_fitted(window.text, call, scope, bind, bind_condition), scope.window)
    special = bind_column_call(call, scope, bind)
    if special is not None:
        return special
    if name in AGGREGATES:
        signature = AGGREGATES[name].signature.text
        message = f"{signature} is an aggregate: it stands in summarize, not in another aggregate or a row's value."
        raise KqlProblem(message, call.span)
    message = refusal(name)
    if message:
        raise KqlProblem(message, call.name.span)
    raise unknown("function", name, (*SCALARS, *WINDOWS, *AGGREGATES), call.name.span)


def _fitted(text: str, call: tree.Call, scope: Scope, bind: Bind, bind_condition: Bind) -> Arguments:
    signature = read_signature(text)
    signature.check_count(len(call.arguments), call.span)
    values = []
    for index, argument in enumerate(call.arguments):
        is_condition = signature.parameter(index).is_condition or (call.name.text == "case" and index % 2 == 0)
        is_last = index == len(call.arguments) - 1
        found = (bind_condition if is_condition and not (call.name.text == "case" and is_last) else bind)(
            argument, scope
        )
        values.append(signature.fit(index, found, argument.span))
    return Arguments(signature, tuple(values), call.arguments, call.span)


def _check_arguments(call: tree.Call) -> None:
    is_sort = call.name.text.startswith("array_sort") and len(call.arguments) == 1
    if not is_sort and any(_has_aggregate(argument) for argument in call.arguments):
        message = f"{call.name.text}() of an aggregate is not supported: name the aggregate, and use extend after it."
        raise KqlProblem(message, call.span)


def _has_aggregate(expression: tree.Expression) -> bool:
    match expression:
        case tree.Call(_, tree.Name(_, name), arguments):
            return name in AGGREGATES or any(_has_aggregate(argument) for argument in arguments)
        case tree.Path(_, base) | tree.Element(_, base):
            return _has_aggregate(base)
        case tree.Binary(_, _, left, right):
            return _has_aggregate(left) or _has_aggregate(right)
    return False
