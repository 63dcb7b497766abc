"""Functions that ``let`` defines: what a call gives, and whether it is a value or rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from query.kql import tree
from query.kql.bound import Bound
from query.kql.coercion import convert
from query.kql.definitions import BoundTable, Context, DefinedFunction, DefinedTable, Value
from query.kql.errors import KqlProblem, unknown
from query.kql.rows import Rows

_TABLE_CALLS = frozenset(("materialize", "table"))

Evaluate = Callable[[tree.Expression], Value]
BindRows = Callable[[tree.Expression], Rows]


def is_table(context: Context, node: tree.Expression | tree.Query) -> bool:
    """Whether ``node`` means rows, not a value: a name or a call alone may be either."""
    match node:
        case tree.Query(_, source, operators):
            return bool(operators) or not isinstance(source, tree.Name | tree.Call) or is_table(context, source)
        case tree.Subquery(_, query):
            return is_table(context, query)
        case tree.Name(_, text):
            found = context.find(text)
            if isinstance(found, DefinedFunction):  # a view: a function without parameters, named without brackets
                return not found.function.parameters and _gives_table(found)
            return text in context.schema.tables if found is None else isinstance(found, DefinedTable | BoundTable)
        case tree.Call(_, name):
            found = context.find(name.text)
            return _gives_table(found) if isinstance(found, DefinedFunction) else name.text in _TABLE_CALLS
        case _:
            return False


def call_value(found: DefinedFunction, call: tree.Call, evaluate: Evaluate, rows_of: BindRows, depth: int) -> Bound:
    """The value of a call.

    Raises:
        KqlProblem: the arguments do not fit, or the function gives rows.
    """
    if _gives_table(found):
        raise KqlProblem(f"{call.name.text}() gives a table, and a value stands here.", call.span)
    inner = with_statements(_with_arguments(found, call, evaluate, rows_of, depth), found.function.body.statements)
    result = found.function.body.result
    value = result.source if isinstance(result, tree.Query) else result
    assert isinstance(value, tree.Expression)
    return inner.program.check_size(inner.evaluate(inner, value).bound, call.span)


def call_rows(found: DefinedFunction, call: tree.Call, context: Context, rows_of: BindRows) -> Rows:
    """The rows of a call.

    Raises:
        KqlProblem: the arguments do not fit, or the function gives a value.
    """
    if not _gives_table(found):
        raise KqlProblem(f"{call.name.text}() gives a value, and a table stands here.", call.span)
    arguments = _with_arguments(found, call, lambda one: context.evaluate(context, one), rows_of, context.depth)
    inner = with_statements(arguments, found.function.body.statements)
    result = found.function.body.result
    query = result if isinstance(result, tree.Query) else tree.Query(result.span, _source(result))
    return replace(inner.pipe(inner.apart(), query), label=call.name.text)


def with_statements(context: Context, statements: tuple[tree.Let | tree.QueryParameters, ...]) -> Context:
    """``context`` with what the statements define."""
    for statement in statements:
        if isinstance(statement, tree.QueryParameters):
            context = _declared(context, statement)
        else:
            context = _let(context, statement)
    return context


def _let(context: Context, let: tree.Let) -> Context:
    value, name = let.value, let.name.text
    if isinstance(value, tree.Function):
        return context.defined(name, DefinedFunction(value, context))
    if is_table(context, value):
        return context.defined(name, DefinedTable(value, context, name))
    if isinstance(value, tree.Query):
        assert isinstance(value.source, tree.Name | tree.Call)
        value = value.source
    found = context.evaluate(context, value)
    context.program.check_size(found.bound, let.span)
    return context.defined(name, found)


def _declared(context: Context, declared: tree.QueryParameters) -> Context:
    for parameter in declared.parameters:
        name = parameter.name.text
        if parameter.type is None:
            raise KqlProblem("A parameter of a query is a value, not a table.", parameter.span)
        if name in context.schema.parameters:
            given = context.evaluate(context, parameter.name).bound
            context = context.defined(name, Value(convert(given, parameter.type)))
        elif parameter.default is not None:
            default = context.evaluate(context, parameter.default).bound
            context = context.defined(name, Value(convert(default, parameter.type)))
        else:
            raise KqlProblem(f"The parameter {name!r} has no default and was not given.", parameter.span)
    return context


def _gives_table(found: DefinedFunction) -> bool:
    return _result_is_table(found, found.function.body.result)


def _result_is_table(found: DefinedFunction, result: tree.Expression | tree.Query) -> bool:
    if isinstance(result, tree.Query) and not result.operators and isinstance(result.source, tree.Name | tree.Call):
        result = result.source
    name = result.name.text if isinstance(result, tree.Call) else result.text if isinstance(result, tree.Name) else ""
    for let in _lets(found.function.body):
        if let.name.text == name:
            value = let.value
            if isinstance(value, tree.Function):
                return _gives_table(DefinedFunction(value, found.context))
            return _result_is_table(found, value)
    for parameter in found.function.parameters:
        if parameter.name.text == name and isinstance(result, tree.Name):
            return parameter.type is None
    return is_table(found.context, result)


def _lets(body: tree.Script) -> Iterator[tree.Let]:
    """The newest first, each once."""
    for statement in reversed(body.statements):
        if isinstance(statement, tree.Let):
            yield statement


def _with_arguments(
    found: DefinedFunction, call: tree.Call, evaluate: Evaluate, rows_of: BindRows, depth: int
) -> Context:
    """What the body of the function may name: what was known where it was defined, and its parameters."""
    inner = replace(found.context, depth=depth)
    given = _matched(found.function.parameters, call)
    for parameter in found.function.parameters:
        argument = given.get(parameter.name.text, parameter.default)
        if argument is None:
            raise KqlProblem(f"{call.name.text}() needs a value for {parameter.name.text!r}.", call.span)
        if parameter.type is None:
            inner = inner.defined(parameter.name.text, BoundTable(_checked(parameter, rows_of(argument), argument)))
            continue
        is_default = parameter.name.text not in given
        value = found.context.evaluate(found.context, argument) if is_default else evaluate(argument)
        bound = found.context.program.check_size(convert(value.bound, parameter.type), argument.span)
        inner = inner.defined(parameter.name.text, Value(bound, value.depth))
    return inner


def _matched(parameters: tuple[tree.Parameter, ...], call: tree.Call) -> dict[str, tree.Expression]:
    names = [parameter.name.text for parameter in parameters]
    if len(call.arguments) > len(names):
        expected = f"{len(names)} argument{'' if len(names) == 1 else 's'}"
        raise KqlProblem(f"{call.name.text}() takes {expected}, and {len(call.arguments)} are given.", call.span)
    given: dict[str, tree.Expression] = {}
    for index, argument in enumerate(call.arguments):
        if not isinstance(argument, tree.Named):
            given[names[index]] = argument
            continue
        name = argument.names[0]
        if name.text not in names:
            raise unknown(f"parameter of {call.name.text}()", name.text, names, name.span)
        given[name.text] = argument.value
    return given


def _checked(parameter: tree.Parameter, rows: Rows, argument: tree.Expression) -> Rows:
    """``rows``, which have the columns that the parameter declares; they may have others."""
    for declared in parameter.columns:
        if not any((one.name, one.type) == (declared.name.text, declared.type) for one in rows.columns):
            wanted = f"{declared.name.text}: {declared.type.value}"
            raise KqlProblem(f"The table has no column {wanted}, which the function asks for.", argument.span)
    return rows


def _source(result: tree.Expression) -> tree.Source:
    if isinstance(result, tree.Subquery):
        return result.query
    assert isinstance(result, tree.Name | tree.Call)
    return result
