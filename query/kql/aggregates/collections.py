"""Aggregates that give arrays and bags: make_list, make_set, make_bag and their forms."""

from collections.abc import Callable

from query.kql.aggregates.aggregate import Aggregate, if_condition
from query.kql.bound import Bound
from query.kql.signature import Arguments
from query.kql.text_forms import json_item
from query.kql.types import KqlType


def _items(value: Bound, order: str, *, keeps_nulls: bool = False) -> str:
    item = json_item(value)
    item = f"to_json({item})" if value.type is not KqlType.DYNAMIC else item
    sql = f"list({item}{' ' + order if order else ''})"
    if keeps_nulls or value.type is KqlType.STRING:
        return sql
    return f"{sql} FILTER (WHERE {value.operand} IS NOT NULL)"


def _collected(items: str, arguments: Arguments, size_at: int) -> Bound:
    if len(arguments) > size_at:
        items = f"({items})[1:{arguments[size_at].sql}]"
    return Bound(f"coalesce(to_json({items}), '[]'::JSON)", KqlType.DYNAMIC)


def _make(*, is_set: bool, has_condition: bool, keeps_nulls: bool = False) -> Callable[[Arguments, str], Bound]:
    def write(arguments: Arguments, order: str) -> Bound:
        items = _items(arguments[0], order, keeps_nulls=keeps_nulls)
        if has_condition:
            condition = arguments[1].operand
            items = f"{items[:-1]} AND {condition})" if " FILTER (" in items else if_condition(items, arguments[1])
        return _collected(f"kql_set({items})" if is_set else items, arguments, 2 if has_condition else 1)

    return write


def _bag(arguments: Arguments, order: str) -> Bound:
    return _merged(f"list(kql_entries({arguments[0].sql}){' ' + order if order else ''})")


def _bag_if(arguments: Arguments, order: str) -> Bound:
    items = f"list(kql_entries({arguments[0].sql}){' ' + order if order else ''})"
    return _merged(if_condition(items, arguments[1]))


def _merged(lists: str) -> Bound:
    """One bag of the members of all; the first that has a name gives its value."""
    return Bound(f"kql_merged(flatten({lists}))", KqlType.DYNAMIC)


COLLECTIONS = (
    Aggregate(
        "make_list(value: any, [size: whole]): dynamic",
        "An array of the values, in the order of the rows; nulls are left out.",
        _make(is_set=False, has_condition=False),
        "list",
        aliases=("makelist",),
    ),
    Aggregate(
        "make_list_if(value: any, condition: condition, [size: whole]): dynamic",
        "An array of the values of the rows for which the condition holds.",
        _make(is_set=False, has_condition=True),
        "list",
    ),
    Aggregate(
        "make_list_with_nulls(value: any): dynamic",
        "An array of the values, nulls among them.",
        _make(is_set=False, has_condition=False, keeps_nulls=True),
        "list",
    ),
    Aggregate(
        "make_set(value: any, [size: whole]): dynamic",
        "An array of the distinct values; nulls are left out.",
        _make(is_set=True, has_condition=False),
        "set",
        aliases=("makeset",),
    ),
    Aggregate(
        "make_set_if(value: any, condition: condition, [size: whole]): dynamic",
        "An array of the distinct values of the rows for which the condition holds.",
        _make(is_set=True, has_condition=True),
        "set",
    ),
    Aggregate(
        "make_bag(value: dynamic): dynamic", "A bag of the members of all bags.", _bag, "bag", ("make_dictionary",)
    ),
    Aggregate(
        "make_bag_if(value: dynamic, condition: condition): dynamic",
        "A bag of the members of the bags of the rows for which the condition holds.",
        _bag_if,
        "bag",
    ),
)
