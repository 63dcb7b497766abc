"""Functions of numbers, and bins of every type."""

from collections.abc import Callable

from query.kql.arithmetic import calculate
from query.kql.bound import Bound
from query.kql.coercion import convert, wider
from query.kql.functions.function import Function
from query.kql.functions.times import bin_of_time
from query.kql.signature import Arguments
from query.kql.types import KqlType

_WHOLE = (KqlType.INT, KqlType.LONG)


def _bin(arguments: Arguments) -> Bound:
    value, size = arguments[0], arguments[1]
    if value.type is KqlType.DATETIME and size.type is KqlType.TIMESPAN:
        return bin_of_time(value, size)
    return _bin_of_numbers(value, size, arguments)


def _bin_of_numbers(value: Bound, size: Bound, arguments: Arguments) -> Bound:
    if value.type is size.type is KqlType.TIMESPAN:
        return Bound(f"kql_floor({value.sql}, {size.sql})", KqlType.TIMESPAN)
    if not (value.type.is_number and size.type.is_number):
        raise arguments.problem(1, f"a {value.type.value} has no bins of a {size.type.value}: 1h, 1d or 10 are sizes.")
    type_ = wider(wider(value.type, size.type), KqlType.LONG)
    if type_ is KqlType.LONG:
        return Bound(f"kql_floor({value.sql}, {size.sql})", KqlType.LONG)
    value, size = convert(value, type_), convert(size, type_)
    sql = f"floor({value.operand} / nullif({size.sql}, 0)) * {size.operand}"
    if type_ is KqlType.DECIMAL:
        return Bound(f"TRY_CAST({sql} AS {type_.sql_type})", type_)
    return Bound(sql, type_, is_atom=False, is_arithmetic=True)


def _bin_at(arguments: Arguments) -> Bound:
    value, size, origin = arguments[0], arguments[1], arguments[2]
    if value.type is KqlType.DATETIME and size.type is KqlType.TIMESPAN and origin.type is KqlType.DATETIME:
        return bin_of_time(value, size, origin.sql)
    are_numbers = value.type.is_number and origin.type.is_number
    if not are_numbers and not value.type is size.type is origin.type is KqlType.TIMESPAN:
        raise arguments.problem(2, f"a {value.type.value} is binned at a {value.type.value}.")
    distance = calculate("-", value, origin, arguments.span)
    return calculate("+", origin, _bin_of_numbers(distance, size, arguments), arguments.span)


def _round(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type in _WHOLE and len(arguments) == 1:
        return convert(value, KqlType.LONG)
    digits = f", CAST({arguments[1].sql} AS INTEGER)" if len(arguments) > 1 else ""
    sql = f"round({value.sql}{digits})"
    type_ = KqlType.LONG if value.type in _WHOLE else value.type
    return Bound(sql if type_ is KqlType.REAL else f"CAST({sql} AS {type_.sql_type})", type_)


def _whole_or_same(template: str) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        value = arguments[0]
        type_ = KqlType.LONG if value.type is KqlType.INT else value.type
        return Bound(template.format(value.sql), type_)

    return write


def _ceiling(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type in _WHOLE:
        return convert(value, KqlType.LONG)
    return Bound(f"ceiling({value.sql})", value.type)


def _real(name: str, meaning: str, template: str, *, keeps_name: bool = True) -> Function:
    return Function(f"{name}(value: real): real", meaning, template, keeps_name=keeps_name)


def _bits(name: str, sign: str, meaning: str) -> Function:
    return Function(
        f"{name}(value: whole, other: whole): long",
        meaning,
        "{value:o}::BIGINT " + sign + " {other:o}",
        keeps_name=True,
    )


BINS = (
    Function(
        "bin(value: number|timespan|datetime, size: number|timespan)",
        "The value rounded down to a multiple of a size.",
        _bin,
        ("floor",),
        keeps_name=True,
    ),
    Function(
        "bin_at(value: number|timespan|datetime, size: number|timespan, fixed: number|timespan|datetime)",
        "The value rounded down to a multiple of a size, counted from a fixed value.",
        _bin_at,
        keeps_name=True,
    ),
)

NUMBERS = (
    Function("abs(value: number|timespan)", "The value without its sign.", _whole_or_same("abs({})"), keeps_name=True),
    Function(
        "ceiling(value: number)", "The least whole number that is not below the value.", _ceiling, keeps_name=True
    ),
    Function(
        "round(value: number, [digits: whole])",
        "The value rounded to so many digits behind the point.",
        _round,
        keeps_name=True,
    ),
    Function("sign(value: number): real", "-1, 0 or 1.", "CAST(sign({value}) AS DOUBLE)"),
    Function("pow(base: real, exponent: real): real", "A power.", "pow({base}, {exponent})", keeps_name=True),
    _real("sqrt", "The square root; null for a negative number.", "if({value:o} < 0, NULL, sqrt({value}))"),
    _real("exp", "e to that power.", "exp({value})"),
    _real("exp2", "2 to that power.", "pow(2, {value})"),
    _real("exp10", "10 to that power.", "pow(10, {value})"),
    _real("log", "The natural logarithm; null where there is none.", "if({value:o} <= 0, NULL, ln({value}))"),
    _real("log2", "The logarithm to the base 2; null where there is none.", "if({value:o} <= 0, NULL, log2({value}))"),
    _real(
        "log10", "The logarithm to the base 10; null where there is none.", "if({value:o} <= 0, NULL, log10({value}))"
    ),
    _real("sin", "The sine.", "sin({value})"),
    _real("cos", "The cosine.", "cos({value})"),
    _real("tan", "The tangent.", "tan({value})"),
    _real("asin", "The arc sine; null where there is none.", "if(abs({value}) > 1, NULL, asin({value}))"),
    _real("acos", "The arc cosine; null where there is none.", "if(abs({value}) > 1, NULL, acos({value}))"),
    _real("atan", "The arc tangent.", "atan({value})"),
    Function("atan2(y: real, x: real): real", "The angle of a point.", "atan2({y}, {x})", keeps_name=True),
    _real("cot", "The cotangent.", "1 / tan({value})", keeps_name=False),
    _real("degrees", "Radians as degrees.", "degrees({value})", keeps_name=False),
    _real("radians", "Degrees as radians.", "radians({value})", keeps_name=False),
    _real("gamma", "The gamma function.", "gamma({value})"),
    _real("loggamma", "The logarithm of the gamma function.", "lgamma({value})"),
    Function("pi(): real", "3.14159…", "pi()"),
    Function("isnan(value: real): bool", "Whether it is not a number.", "isnan({value})"),
    Function("isinf(value: real): bool", "Whether it is infinite.", "isinf({value})"),
    Function("isfinite(value: real): bool", "Whether it is neither infinite nor not a number.", "isfinite({value})"),
    _bits("binary_and", "&", "The bits that both have."),
    _bits("binary_or", "|", "The bits that one of them has."),
    Function(
        "binary_xor(value: whole, other: whole): long",
        "The bits that differ.",
        "xor({value:o}::BIGINT, {other})",
        keeps_name=True,
    ),
    Function("binary_not(value: whole): long", "The opposite of every bit.", "-1 - {value:o}", keeps_name=True),
    Function(
        "binary_shift_left(value: whole, count: whole): long",
        "The bits moved to the left.",
        "({value:o}::BIGINT << CAST({count:o} % 64 AS INTEGER))",
        keeps_name=True,
    ),
    Function(
        "binary_shift_right(value: whole, count: whole): long",
        "The bits moved to the right.",
        "({value:o}::BIGINT >> CAST({count:o} % 64 AS INTEGER))",
        keeps_name=True,
    ),
    Function(
        "bitset_count_ones(value: whole): long",
        "How many bits are one.",
        "CAST(bit_count({value:o}::BIGINT) AS BIGINT)",
        keeps_name=True,
    ),
    Function(
        "tohex(value: whole): string",
        "The value in hexadecimal digits.",
        "lower(to_hex({value:o}::BIGINT))",
        keeps_name=True,
    ),
)
