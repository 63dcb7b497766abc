"""Aggregates of a query as SQL: the columns that one item of ``summarize`` gives."""

from collections.abc import Callable

from query.kql import tree
from query.kql.aggregates import AGGREGATES, Aggregate
from query.kql.aggregates.statistics import percentile_name, percentile_of
from query.kql.bound import Bound, BoundColumn, Relation, Scope
from query.kql.column_names import default_name
from query.kql.errors import KqlProblem
from query.kql.signature import Arguments

Bind = Callable[[tree.Expression, Scope], Bound]
Column = tuple[str, Bound]


class RowScope:
    """A scope inside of an aggregate: no aggregate may stand there."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    allows_aggregates = False

    @property
    def columns(self) -> tuple[BoundColumn, ...]:
        """The columns of the rows."""
        return self._scope.columns

    @property
    def order(self) -> str:
        """The order of the rows."""
        return self._scope.order

    @property
    def window(self) -> str:
        """What windows stand over."""
        return self._scope.window

    def value(self, name: tree.Name) -> Bound:
        """A column or another value with a name."""
        return self._scope.value(name)

    def side(self, path: tree.Path) -> Bound | None:
        """A column of one side of a join."""
        return self._scope.side(path)

    def relation(self, query: tree.Query) -> Relation:
        """The rows of a query."""
        return self._scope.relation(query)

    def table(self, expression: tree.Expression) -> Relation | None:
        """The rows that a name or a call means."""
        return self._scope.table(expression)

    def function(self, call: tree.Call) -> Bound | None:
        """A call of a function that ``let`` defined."""
        return self._scope.function(call)


def bind_aggregate(call: tree.Call, scope: Scope, bind: Bind, bind_condition: Bind) -> Bound:
    """An aggregate that gives one value.

    Raises:
        KqlProblem: it gives several, or its arguments do not do.
    """
    aggregate = AGGREGATES[call.name.text]
    if not aggregate.is_of_rows:
        return aggregate.write(_fitted(aggregate, call, RowScope(scope), bind, bind_condition), scope.order)
    columns = _columns_of_row(aggregate, call, (), scope, bind)
    if len(columns) != 1:
        message = f"{call.name.text}() gives {len(columns)} columns here, and an expression takes one value."
        raise KqlProblem(message, call.span)
    return columns[0][1]


def several_columns(expression: tree.Expression, scope: Scope, bind: Bind) -> tuple[Column, ...] | None:
    """The columns of ``arg_max(…)`` and its like, named or not; None for everything else."""
    names: tuple[tree.Name, ...] = ()
    if isinstance(expression, tree.Named):
        names, expression = expression.names, expression.value
    if not isinstance(expression, tree.Call) or not scope.allows_aggregates:
        return None
    aggregate = AGGREGATES.get(expression.name.text)
    if aggregate is None or not aggregate.is_of_rows:
        return None
    return _columns_of_row(aggregate, expression, names, scope, bind)


def _fitted(aggregate: Aggregate, call: tree.Call, scope: Scope, bind: Bind, bind_condition: Bind) -> Arguments:
    signature = aggregate.signature
    signature.check_count(len(call.arguments), call.span)
    values = []
    for index, argument in enumerate(call.arguments):
        parameter = signature.parameter(index)
        if parameter.kinds == ("column",) and isinstance(argument, tree.Star):
            continue
        found = (bind_condition if parameter.is_condition else bind)(argument, scope)
        values.append(signature.fit(index, found, argument.span))
    return Arguments(signature, tuple(values), call.arguments, call.span)


def _columns_of_row(
    aggregate: Aggregate, call: tree.Call, names: tuple[tree.Name, ...], scope: Scope, bind: Bind
) -> tuple[Column, ...]:
    """What is compared comes first; ``*`` is all columns of the scope but those that are named."""
    aggregate.signature.check_count(len(call.arguments), call.span)
    if aggregate.signature.name == "percentiles":
        return _percentiles(aggregate, call, names, scope, bind)
    rows = RowScope(scope)
    found = [column for argument in call.arguments for column in _returned(argument, call, rows, bind)]
    if len(names) > len(found):
        raise KqlProblem(f"{call.name.text}() gives {len(found)} columns, and {len(names)} are named.", call.span)
    by = found[0][1]
    columns = []
    for index, (name, value) in enumerate(found):
        given = names[index].text if index < len(names) else _prefixed(aggregate, name, index, call)
        arguments = Arguments(aggregate.signature, (value, by), call.arguments, call.span)
        columns.append((given, aggregate.write(arguments, scope.order)))
    return tuple(columns)


def _percentiles(
    aggregate: Aggregate, call: tree.Call, names: tuple[tree.Name, ...], scope: Scope, bind: Bind
) -> tuple[Column, ...]:
    arguments = _fitted(aggregate, call, RowScope(scope), bind, bind)
    of = default_name(call.arguments[0]) or ""
    found = [
        (percentile_name(of, call.arguments[index]), percentile_of(arguments[0], arguments, index))
        for index in range(1, len(arguments))
    ]
    if len(names) > len(found):
        raise KqlProblem(f"percentiles() gives {len(found)} columns, and {len(names)} are named.", call.span)
    return tuple((names[i].text if i < len(names) else name, value) for i, (name, value) in enumerate(found))


def _returned(argument: tree.Expression, call: tree.Call, scope: Scope, bind: Bind) -> list[Column]:
    if isinstance(argument, tree.Star):
        named = {default_name(other) for other in call.arguments if isinstance(other, tree.Name)}
        return [(column.name, column.value) for column in scope.columns if column.name not in named]
    if isinstance(argument, tree.Named):
        return [(argument.names[0].text, bind(argument.value, scope))]
    return [(default_name(argument) or "", bind(argument, scope))]


def _prefixed(aggregate: Aggregate, name: str, index: int, call: tree.Call) -> str:
    """arg_max names the compared value as itself, or ``max_`` where it has no name; any(x) gives ``any_x``."""
    if call.name.text in ("argmax", "argmin"):
        # The older names of these two give older names of columns.
        of = default_name(call.arguments[0]) or ""
        first = f"{call.name.text.removeprefix('arg')}_{of}"
        return first if index == 0 else f"{first}_{name}"
    if aggregate.prefix and not isinstance(call.arguments[min(index, len(call.arguments) - 1)], tree.Star):
        return f"{aggregate.prefix}_{name}"
    if not name and aggregate.signature.name.startswith("arg_"):
        return aggregate.signature.name.removeprefix("arg_") + "_" if index == 0 else ""
    return name
