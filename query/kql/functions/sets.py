"""Functions that sort arrays and take them for sets, and that tell what a value is."""

from collections.abc import Callable

from query.kql.bound import Bound
from query.kql.functions.dynamics import json_text
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.types import KqlType

_DYNAMIC = KqlType.DYNAMIC


def sorted_arrays(arguments: Arguments, sign: int) -> tuple[Bound, ...]:
    """The arrays of array_sort_asc(…) and array_sort_desc(…), each in the order of the first one's items."""
    last = arguments[len(arguments) - 1]
    nulls = "1"
    arrays = arguments.values
    if last.type is KqlType.BOOL:
        arrays = arrays[:-1]
        nulls = "if(" + last.sql + ", 1, -1)" if not isinstance(last.literal, bool) else "1" if last.literal else "-1"
    for index, value in enumerate(arrays):
        if value.type is not _DYNAMIC:
            raise arguments.problem(index, f"an array stands here, not a {value.type.value}.")
    if len(arrays) == 1:
        return (Bound(f"to_json(kql_sorted({arrays[0].sql}, {sign}, {nulls}))", _DYNAMIC),)
    order = f"kql_order({arrays[0].sql}, {sign}, {nulls})"
    return tuple(
        Bound(f"to_json(list_transform({order}, lambda i: kql_array({array.sql})[i]))", _DYNAMIC) for array in arrays
    )


def _sort(sign: int) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        found = sorted_arrays(arguments, sign)
        if len(found) == 1:
            return found[0]
        return Bound(f"json_array({', '.join(one.sql for one in found)})", _DYNAMIC)

    return write


def _set_union(arguments: Arguments) -> Bound:
    items = " || ".join(f"kql_array({value.sql})" for value in arguments.values)
    return Bound(f"to_json(kql_set({items}))", _DYNAMIC)


def _set_filter(word: str) -> Callable[[Arguments], Bound]:
    """The first array's items that every other one has, or that none of them has."""

    def write(arguments: Arguments) -> Bound:
        tests = " AND ".join(f"{word}list_contains(kql_array({other.sql}), item)" for other in arguments.values[1:])
        return Bound(f"to_json(list_filter(kql_set(kql_array({arguments[0].sql})), lambda item: {tests}))", _DYNAMIC)

    return write


def _set_has_element(arguments: Arguments) -> Bound:
    array, value = arguments[0], arguments[1]
    sql = f"list_contains(kql_numbers({array.sql}), {value.sql})"
    if not value.type.is_number:
        sql = f"list_contains(list_transform(kql_array({array.sql}), lambda item: item ->> '$'), {json_text(value)})"
    return Bound(sql, KqlType.BOOL)


def _gettype(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type is _DYNAMIC:
        return Bound(f"kql_type({value.sql})", KqlType.STRING)
    return Bound(f"'{value.type.value}'", KqlType.STRING, literal=value.type.value, is_literal=True)


SETS = (
    Function(
        "array_sort_asc(array: dynamic, [more: any...]): dynamic",
        "The items from the smallest on; further arrays follow the order of the first.",
        _sort(1),
    ),
    Function(
        "array_sort_desc(array: dynamic, [more: any...]): dynamic",
        "The items from the largest on; further arrays follow the order of the first.",
        _sort(-1),
    ),
    Function("set_union(array: dynamic, other: dynamic...): dynamic", "The distinct items of all arrays.", _set_union),
    Function(
        "set_intersect(array: dynamic, other: dynamic...): dynamic",
        "The distinct items that every array has.",
        _set_filter(""),
    ),
    Function(
        "set_difference(array: dynamic, other: dynamic...): dynamic",
        "The distinct items of the first array that no other has.",
        _set_filter("NOT "),
    ),
    Function("set_has_element(array: dynamic, value: any): bool", "Whether an array has the value.", _set_has_element),
    Function(
        "set_equals(array: dynamic, other: dynamic): bool",
        "Whether two arrays have the same distinct items.",
        "list_has_all(kql_array({array}), kql_array({other})) AND list_has_all(kql_array({other}), kql_array({array}))",
    ),
    Function(
        "jaccard_index(array: dynamic, other: dynamic): real",
        "The share of the items of both arrays that both have.",
        "len(list_filter(kql_set(kql_array({array})), lambda item: list_contains(kql_array({other}), item))) "
        "/ nullif(len(kql_set(kql_array({array}) || kql_array({other}))), 0)",
    ),
    Function("gettype(value: any): string", "The name of the value's type.", _gettype, prefix="type"),
)
