"""Functions that make and read dynamic values: arrays and bags."""

from collections.abc import Callable

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.text_forms import json_item, text_of
from query.kql.types import TICKS_PER_SECOND, KqlType

_DYNAMIC = KqlType.DYNAMIC


def _pack_array(arguments: Arguments) -> Bound:
    return Bound(f"json_array({', '.join(json_item(value) for value in arguments.values)})", _DYNAMIC)


def _bag_pack(arguments: Arguments) -> Bound:
    if len(arguments) % 2:
        raise KqlProblem(f"{arguments.signature.name}() takes pairs of a name and a value.", arguments.span)
    names = [text_of(arguments[index]).sql for index in range(0, len(arguments), 2)]
    values = [json_item(arguments[index]) for index in range(1, len(arguments), 2)]
    pairs = ", ".join(f"{name}, {value}" for name, value in zip(names, values, strict=True))
    return Bound(f"json_object({pairs})", _DYNAMIC)


def _range(arguments: Arguments) -> Bound:
    first, last = arguments[0], arguments[1]
    types = {first.type, last.type}
    if types == {KqlType.DATETIME}:
        return _range_of_times(arguments)
    if types == {KqlType.TIMESPAN}:
        step = arguments[2].sql if len(arguments) > 2 else str(3600 * TICKS_PER_SECOND)
        items = (
            f"list_transform(range({first.sql}, {last.operand} + sign({step}), {step}), lambda x: kql_timespan_text(x))"
        )
        return Bound(f"to_json({items})", _DYNAMIC)
    if not types <= {KqlType.INT, KqlType.LONG}:
        raise arguments.problem(0, "a range of whole numbers, of times or of timespans is supported.")
    step = arguments[2].sql if len(arguments) > 2 else "1"
    return Bound(f"to_json(generate_series({first.sql}, {last.sql}, {step}))", _DYNAMIC)


def _range_of_times(arguments: Arguments) -> Bound:
    step = arguments[2] if len(arguments) > 2 else Bound(str(3600 * TICKS_PER_SECOND), KqlType.TIMESPAN)
    if step.type is not KqlType.TIMESPAN:
        raise arguments.problem(2, "the step between times is a timespan, such as 1h.")
    first, last = f"epoch_us({arguments[0].sql})", f"epoch_us({arguments[1].sql})"
    items = f"generate_series({first}, {last}, {step.operand} // 10)"
    text = "lambda x: kql_datetime_text(make_timestamp(x))"
    return Bound(f"to_json(list_transform({items}, {text}))", _DYNAMIC)


def _json(items: str) -> Bound:
    return Bound(f"to_json({items})", _DYNAMIC)


def _array_concat(arguments: Arguments) -> Bound:
    return _json(" || ".join(f"kql_array({value.sql})" for value in arguments.values))


def _place(value: Bound, array: str) -> str:
    """A place in an array of DuckDB, which begins at 1, for one of KQL; a negative one counts from the end."""
    if isinstance(value.literal, int) and value.literal >= 0:
        return str(value.literal + 1)
    return f"if({value.sql} < 0, len({array}) + {value.operand}, {value.operand}) + 1"


def _array_slice(arguments: Arguments) -> Bound:
    array = f"kql_array({arguments[0].sql})"
    first, last = _place(arguments[1], array), _place(arguments[2], array)
    return _json(f"{array}[greatest({first}, 1):greatest({last}, 0)]")


def _array_index_of(arguments: Arguments) -> Bound:
    array, value = arguments[0], arguments[1]
    if len(arguments) > 2:
        raise arguments.problem(2, "a place to begin at is not supported: use array_slice(…) first.")
    items = f"kql_numbers({array.sql})" if value.type.is_number else f"kql_texts({array.sql})"
    wanted = value.sql if value.type.is_number else f"({json_text(value)})"
    return Bound(f"coalesce(list_position({items}, {wanted}) - 1, -1)", KqlType.LONG)


def json_text(value: Bound) -> str:
    """SQL of the text that stands in an array for a value."""
    return f"to_json({json_item(value)}) ->> '$'"


def _array_iff(arguments: Arguments) -> Bound:
    conditions = f"kql_array({arguments[0].sql})"
    then, otherwise = (_item_or_value(arguments[index]) for index in (1, 2))
    test = "kql_bool(flag ->> '$') OR kql_number(flag) <> 0"
    return _json(f"list_transform({conditions}, lambda flag, i: if({test}, {then}, {otherwise}))")


def _item_or_value(value: Bound) -> str:
    return f"kql_array({value.sql})[i]" if value.type is _DYNAMIC else f"to_json({json_item(value)})"


def _shifted(sign: int, *, rotates: bool) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        array = f"kql_array({arguments[0].sql})"
        offset = f"({'' if sign > 0 else '-'}({arguments[1].sql}))"
        if rotates:
            sql = f"list_transform({array}, lambda item, i: {array}[kql_mod(i - 1 + {offset}, len({array})) + 1])"
            return _json(sql)
        filler = f"to_json({json_item(arguments[2])})" if len(arguments) > 2 else "NULL::JSON"
        inside = f"i + {offset} BETWEEN 1 AND len({array})"
        return _json(f"list_transform({array}, lambda item, i: if({inside}, {array}[i + {offset}], {filler}))")

    return write


def _bag_remove_keys(arguments: Arguments) -> Bound:
    test = f"NOT list_contains(kql_texts({arguments[1].sql}), one.name)"
    kept = f"list_filter(kql_entries({arguments[0].sql}), lambda one: {test})"
    return Bound(f"kql_bag_of({kept})", _DYNAMIC)


def _bag_merge(arguments: Arguments) -> Bound:
    """The first bag that has a name gives its value."""
    entries = " || ".join(f"coalesce(kql_entries({value.sql}), [])" for value in arguments.values)
    return Bound(f"kql_merged({entries})", _DYNAMIC)


def _bag_set_key(arguments: Arguments) -> Bound:
    name = arguments[1]
    others = f"list_filter(kql_entries({arguments[0].sql}), lambda one: one.name <> {name.operand})"
    entry = f"[{{'name': {name.sql}, 'item': to_json({json_item(arguments[2])})}}]"
    return Bound(f"kql_bag_of({others} || {entry})", _DYNAMIC)


def _zip(arguments: Arguments) -> Bound:
    lists = [f"kql_array({value.sql})" for value in arguments.values]
    longest = f"greatest({', '.join(f'len({one})' for one in lists)})"
    items = ", ".join(f"{one}[i]" for one in lists)
    return _json(f"list_transform(range(1, {longest} + 1), lambda i: [{items}])")


def _repeat(arguments: Arguments) -> Bound:
    value, count = json_item(arguments[0]), arguments[1].operand
    return _json(f"list_transform(range(0, greatest({count}, 0)), lambda i: to_json({value}))")


PACKS = (
    Function("pack_array([value: any...]): dynamic", "An array of its arguments.", _pack_array),
    Function(
        "bag_pack(name: any, value: any...): dynamic",
        "A bag of names and values.",
        _bag_pack,
        ("pack", "pack_dictionary"),
    ),
    Function("range(first: any, last: any, [step: any]): dynamic", "An array of values in equal steps.", _range),
    Function(
        "repeat(value: any, count: whole): dynamic", "An array of a value so many times.", _repeat, prefix="repeat"
    ),
    Function(
        "zip(array: dynamic, other: dynamic...): dynamic", "An array of the first items, the second items, …", _zip
    ),
)

ARRAYS = (
    Function(
        "array_length(array: dynamic): long",
        "How many items an array has; null for what is no array.",
        "len(kql_array({array}))",
        aliases=("arraylength",),
    ),
    Function("array_concat(array: dynamic...): dynamic", "The items of all arrays.", _array_concat),
    Function(
        "array_slice(array: dynamic, start: whole, end: whole): dynamic",
        "The items from one place to another, both in it; negative ones count from the end.",
        _array_slice,
    ),
    Function(
        "array_index_of(array: dynamic, value: any, [start: whole]): long",
        "Where a value stands in an array, 0 for the first; -1 where it does not.",
        _array_index_of,
    ),
    Function("array_sum(array: dynamic): real", "The sum of the numbers.", "list_sum(kql_array_numbers({array}))"),
    Function(
        "array_rotate_left(array: dynamic, count: whole): dynamic",
        "The items moved to the left, those that fall out to the end.",
        _shifted(1, rotates=True),
    ),
    Function(
        "array_rotate_right(array: dynamic, count: whole): dynamic",
        "The items moved to the right, those that fall out to the beginning.",
        _shifted(-1, rotates=True),
    ),
    Function(
        "array_shift_left(array: dynamic, count: whole, [filler: any]): dynamic",
        "The items moved to the left, and a filler behind them.",
        _shifted(1, rotates=False),
    ),
    Function(
        "array_shift_right(array: dynamic, count: whole, [filler: any]): dynamic",
        "The items moved to the right, and a filler before them.",
        _shifted(-1, rotates=False),
    ),
    Function(
        "array_reverse(array: dynamic): dynamic",
        "The items from the last on.",
        "to_json(list_reverse(kql_array({array})))",
    ),
    Function(
        "array_iff(conditions: dynamic, then: any, otherwise: any): dynamic",
        "Items of one array or of another, by an array of conditions.",
        _array_iff,
        aliases=("array_iif",),
    ),
    Function(
        "strcat_array(array: dynamic, delimiter: string): string",
        "The texts of an array with a delimiter between them.",
        "coalesce(array_to_string(kql_array_texts({array}), {delimiter}), '')",
        aliases=("array_strcat",),
    ),
)

BAGS = (
    Function("bag_keys(bag: dynamic): dynamic", "The names of the members.", "to_json(json_keys(kql_bag({bag})))"),
    Function(
        "bag_has_key(bag: dynamic, key: string): bool",
        "Whether there is a member of that name.",
        "list_contains(json_keys(kql_bag({bag})), {key})",
    ),
    Function(
        "bag_merge(bag: dynamic, other: dynamic...): dynamic", "The members of all bags; the first wins.", _bag_merge
    ),
    Function(
        "bag_remove_keys(bag: dynamic, keys: dynamic): dynamic", "The bag without some members.", _bag_remove_keys
    ),
    Function(
        "bag_set_key(bag: dynamic, key: string, value: any): dynamic", "The bag with one member set.", _bag_set_key
    ),
)
