"""Expressions of KQL as SQL: one value each, typed, with KQL's rules for nulls."""

from query.kql import tree
from query.kql.aggregates import AGGREGATES
from query.kql.aggregates.binding import bind_aggregate, several_columns
from query.kql.arithmetic import calculate, negate
from query.kql.bound import Bound, Scope
from query.kql.column_names import default_name
from query.kql.comparisons import between, compare
from query.kql.dynamic_values import element_of, member_of
from query.kql.errors import KqlProblem
from query.kql.functions.calls import bind_call
from query.kql.literals_in_sql import written
from query.kql.membership import has_terms, has_terms_of_rows, is_among, is_in_rows
from query.kql.text_operators import TEXT_OPERATORS, match_text
from query.kql.types import KqlType

__all__ = ["bind", "bind_aggregate_columns", "bind_condition", "default_name"]

_COMPARISONS = {"==": "==", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC = ("+", "-", "*", "/", "%")


def bind(expression: tree.Expression, scope: Scope) -> Bound:
    """The value of ``expression``, exact: a condition that is null stays null.

    Raises:
        KqlProblem: KQL does not allow it, or it is not translated; a name in it is unknown.
    """
    return _bind(expression, scope, is_condition=False)


def bind_condition(expression: tree.Expression, scope: Scope) -> Bound:
    """A condition, as ``where`` and ``iff`` want it: its SQL is plainer than that of `bind`, as null means false.

    Raises:
        KqlProblem: as `bind`, and where it is no bool.
    """
    found = _bind(expression, scope, is_condition=True)
    if found.type is KqlType.DYNAMIC:
        return bind(tree.Call(expression.span, tree.Name(expression.span, "tobool"), (expression,)), scope)
    if found.type is not KqlType.BOOL:
        raise KqlProblem(f"A condition stands here, and this is a {found.type.value}.", expression.span)
    return found


def bind_aggregate_columns(expression: tree.Expression, scope: Scope) -> tuple[tuple[str, Bound], ...]:
    """The columns of one item of ``summarize``, each with its name; empty where KQL numbers it (Column1).

    ``arg_max(t, *)`` gives t and then every other column of ``scope.columns``: leave the keys out of those.

    Raises:
        KqlProblem: as `bind`, or there are more names than columns.
    """
    found = several_columns(expression, scope, bind)
    if found is not None:
        return found
    if not isinstance(expression, tree.Named):
        return ((default_name(expression) or "", bind(expression, scope)),)
    if len(expression.names) > 1:
        raise KqlProblem(f"This gives one column, and {len(expression.names)} are named.", expression.span)
    return ((expression.names[0].text, bind(expression.value, scope)),)


def _bind(expression: tree.Expression, scope: Scope, *, is_condition: bool) -> Bound:  # noqa: C901  # a case a node
    match expression:
        case tree.Literal(span, value, type_):
            return written(value, type_, span)
        case tree.Name():
            return scope.value(expression)
        case tree.Path():
            return scope.side(expression) or member_of(bind(expression.base, scope), expression.name)
        case tree.Element(span, base, index):
            return element_of(bind(base, scope), bind(index, scope), span, index.span)
        case tree.Call():
            return _call(expression, scope, is_condition=is_condition)
        case tree.Unary(span, operator, operand):
            return negate(bind(operand, scope), span) if operator == "-" else bind(operand, scope)
        case tree.Binary():
            return _binary(expression, scope, is_condition=is_condition)
        case tree.Membership():
            return _membership(expression, scope, is_condition=is_condition)
        case tree.Between(span, is_negated, left, low, high):
            value, first, last = bind(left, scope), bind(low, scope), bind(high, scope)
            if first.type is KqlType.DATETIME and last.type is KqlType.TIMESPAN:
                last = calculate("+", first, last, high.span)
            return between(value, first, last, span, is_negated=is_negated)
        case tree.Subquery(span, query):
            return _cell(query, scope, span)
        case tree.Named(span):
            raise KqlProblem("A name for the value cannot stand here, inside of an expression.", span)
        case tree.Star(span):
            raise KqlProblem("'*' stands for columns, and cannot be a value here.", span)


def _binary(expression: tree.Binary, scope: Scope, *, is_condition: bool) -> Bound:
    operator, span = expression.operator, expression.span
    if operator in ("and", "or"):
        return _connect(expression, scope, is_condition=is_condition)
    left, right = bind(expression.left, scope), bind(expression.right, scope)
    if operator in _ARITHMETIC:
        return calculate(operator, left, right, span)
    if operator in _COMPARISONS:
        return compare(_COMPARISONS[operator], left, right, span, is_condition=is_condition)
    plain = operator.removeprefix("not").removeprefix("!")
    if operator in TEXT_OPERATORS or plain in TEXT_OPERATORS:
        return match_text(operator, left, right, span)
    raise KqlProblem(f"The operator {operator!r} is not supported.", span)


def _connect(expression: tree.Binary, scope: Scope, *, is_condition: bool) -> Bound:
    """A chain of ``and`` or of ``or``, one under the other in brackets only where the other word stands within."""
    word = expression.operator
    parts = [_connected(part, word, scope, is_condition=is_condition) for part in _chain(expression, word)]
    return Bound(f" {word.upper()} ".join(parts), KqlType.BOOL, is_atom=False)


def _chain(expression: tree.Expression, word: str) -> list[tree.Expression]:
    """The parts of ``a and b and c``, without recursion along its length."""
    parts: list[tree.Expression] = []
    while isinstance(expression, tree.Binary) and expression.operator == word:
        parts.append(expression.right)
        expression = expression.left
    return [expression, *reversed(parts)]


def _connected(part: tree.Expression, word: str, scope: Scope, *, is_condition: bool) -> str:
    found = bind_condition(part, scope) if is_condition else bind(part, scope)
    if found.type is KqlType.DYNAMIC:
        found = bind_condition(part, scope)
    if found.type is not KqlType.BOOL:
        raise KqlProblem(f"{word!r} connects conditions, and this is a {found.type.value}.", part.span)
    is_plain = found.is_atom or not (isinstance(part, tree.Binary) and part.operator in ("and", "or"))
    return found.sql if is_plain and " OR " not in found.sql else found.operand


def _membership(expression: tree.Membership, scope: Scope, *, is_condition: bool) -> Bound:
    operator, span, left = expression.operator, expression.span, bind(expression.left, scope)
    is_terms = operator.removeprefix("!") in ("has_any", "has_all")
    rows = scope.table(expression.items[0]) if len(expression.items) == 1 else None
    if rows is not None:
        if is_terms:
            return has_terms_of_rows(operator, left, rows, span)
        return is_in_rows(operator, left, rows, span, is_condition=is_condition)
    items = [bind(item, scope) for item in expression.items]
    if is_terms:
        return has_terms(operator, left, items, span)
    return is_among(operator, left, items, span, is_condition=is_condition)


def _call(call: tree.Call, scope: Scope, *, is_condition: bool) -> Bound:
    name = call.name.text
    defined = scope.function(call)
    if defined is not None:
        return defined
    if name in ("toscalar", "materialize") and len(call.arguments) == 1:
        return _bind(call.arguments[0], scope, is_condition=is_condition)
    if name in AGGREGATES and scope.allows_aggregates:
        return bind_aggregate(call, scope, bind, bind_condition)
    return bind_call(call, scope, bind, bind_condition)


def _cell(query: tree.Query, scope: Scope, span: tree.Span) -> Bound:
    """The first column of the first row, as ``toscalar`` has it."""
    rows = scope.relation(query)
    if not rows.columns:
        raise KqlProblem("This query has no column to take a value from.", span)
    column = rows.columns[0].value
    sql = f"(SELECT {column.sql} FROM {rows.name} LIMIT 1)"  # noqa: S608  # of names that are ours
    if column.type is KqlType.STRING:
        sql = f"coalesce({sql}, '')"
    return Bound(sql, column.type)
