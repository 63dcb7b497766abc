"""Calls that look at the columns in reach rather than at values: pack_all, column_ifexists, typeof."""

from collections.abc import Callable

from query.kql import tree
from query.kql.bound import Bound, Scope
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import quoted, text_literal
from query.kql.text_forms import json_item
from query.kql.types import KqlType

Bind = Callable[[tree.Expression, Scope], Bound]

COLUMN_FUNCTIONS = {
    "column_ifexists(name: string, default: any)": "A column by its name, or a value where there is no such column.",
    "pack_all([ignore_null_empty: bool]): dynamic": "A bag of all columns.",
}


def bind_column_call(call: tree.Call, scope: Scope, bind: Bind) -> Bound | None:
    """A call of one of them as a value; None for every other call."""
    match call.name.text:
        case "column_ifexists" | "columnifexists":
            return _column_if_exists(call, scope, bind)
        case "pack_all":
            return _pack_all(call, scope)
        case "typeof" if len(call.arguments) == 1 and isinstance(call.arguments[0], tree.Name):
            return text_literal(call.arguments[0].text, call.span)
    return None


def _column_if_exists(call: tree.Call, scope: Scope, bind: Bind) -> Bound:
    if len(call.arguments) != 2:
        raise KqlProblem("column_ifexists(name: string, default: any) takes 2 arguments.", call.span)
    name, default = call.arguments
    if not isinstance(name, tree.Literal) or not isinstance(name.value, str):
        raise KqlProblem("column_ifexists(): the name must be written out, in quotes.", name.span)
    if any(column.name == name.value for column in scope.columns):
        return scope.value(tree.Name(name.span, name.value))
    return bind(default, scope)


def _pack_all(call: tree.Call, scope: Scope) -> Bound:
    pairs = [f"{quoted(column.name, call.span)}, {json_item(column.value)}" for column in scope.columns]
    sql = f"json_object({', '.join(pairs)})"
    if not call.arguments:
        return Bound(sql, KqlType.DYNAMIC)
    if not isinstance(call.arguments[0], tree.Literal):
        raise KqlProblem("pack_all(): write true or false.", call.arguments[0].span)
    if call.arguments[0].value is not True:
        return Bound(sql, KqlType.DYNAMIC)
    kept = f"list_filter(kql_entries({sql}), lambda one: coalesce(one.item ->> '$', '') <> '')"
    return Bound(f"kql_bag_of({kept})", KqlType.DYNAMIC)
