"""``+ - * / %`` over numbers, times and timespans, and the sign in front of a value."""

from query.kql.bound import Bound
from query.kql.coercion import as_number, convert, wider
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import written
from query.kql.tree import Span
from query.kql.types import TICKS_PER_SECOND, KqlType

_LARGEST_INT = 2**31 - 1
_WHOLE = (KqlType.INT, KqlType.LONG)
_EXAMPLE = "write tolong(…), todouble(…), totimespan(…) or todatetime(…) around it"
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def calculate(operator: str, left: Bound, right: Bound, span: Span) -> Bound:
    """``left operator right``.

    Raises:
        KqlProblem: KQL has no such operator for these types.
    """
    left, right = as_number(left, right.type), as_number(right, left.type)
    types = (left.type, right.type)
    if left.type.is_number and right.type.is_number:
        return _of_numbers(operator, left, right)
    if KqlType.DATETIME in types and set(types) <= {KqlType.DATETIME, KqlType.TIMESPAN}:
        found = _of_times(operator, left, right)
    else:
        found = _of_spans(operator, left, right)
    if found is None:
        hint = "use strcat(…)" if operator == "+" and KqlType.STRING in types else _EXAMPLE
        raise KqlProblem(f"{operator!r} does not go with {types[0].value} and {types[1].value}: {hint}.", span)
    return found


def negate(value: Bound, span: Span) -> Bound:
    """``-value``.

    Raises:
        KqlProblem: it is no number and no timespan.
    """
    value = as_number(value)
    if not value.type.is_number and value.type is not KqlType.TIMESPAN:
        raise KqlProblem(f"'-' does not go with {value.type.value}: {_EXAMPLE}.", span)
    if value.is_literal and isinstance(value.literal, int | float):
        return written(-value.literal, value.type, span)
    return Bound(f"-{value.operand}", value.type, is_atom=False)


def interval(ticks: int) -> str:
    """A written timespan as DuckDB's INTERVAL; what is below a microsecond is cut."""
    for seconds, unit in _UNITS:
        if ticks % (seconds * TICKS_PER_SECOND) == 0:
            count = ticks // (seconds * TICKS_PER_SECOND)
            return f"INTERVAL '{count} {unit}{'' if abs(count) == 1 else 's'}'"
    return f"INTERVAL '{abs(ticks) // 10 * (1 if ticks > 0 else -1)} microseconds'"


def shifted(moment: Bound, operator: str, ticks: Bound) -> Bound:
    """A datetime plus or minus a timespan; null where it leaves what DuckDB can hold."""
    if ticks.is_literal and isinstance(ticks.literal, int):
        sql = f"{moment.compared} {operator} {interval(ticks.literal)}"
    else:
        sql = f"{moment.compared} {operator} to_microseconds({ticks.operand} // 10)"
    return Bound(sql, KqlType.DATETIME, is_atom=False, is_arithmetic=True)


def _of_numbers(operator: str, left: Bound, right: Bound) -> Bound:
    type_ = wider(wider(left.type, right.type), KqlType.LONG)
    if type_ is KqlType.DECIMAL:
        left, right = convert(left, type_), convert(right, type_)
    if operator == "%":
        return Bound(f"kql_mod({left.sql}, {right.sql})", type_)
    if operator == "/":
        return _quotient(left, right, type_)
    if type_ is KqlType.LONG and not (_is_long(left) or _is_long(right)):
        left = Bound(f"{left.operand}::BIGINT", KqlType.LONG)
    if type_ is KqlType.DECIMAL:
        return Bound(f"TRY_CAST({left.operand} {operator} {right.operand} AS {type_.sql_type})", type_)
    first = left.compared if operator in ("+", "-") else left.operand
    return Bound(f"{first} {operator} {right.operand}", type_, is_atom=False, is_arithmetic=True)


def _is_long(value: Bound) -> bool:
    """Whether DuckDB counts with 64 bits: small written numbers are INTEGER to it."""
    if value.is_literal and isinstance(value.literal, int):
        return abs(value.literal) > _LARGEST_INT
    return value.type in (KqlType.LONG, KqlType.TIMESPAN)


def _quotient(left: Bound, right: Bound, type_: KqlType) -> Bound:
    if type_ in _WHOLE:
        return Bound(f"{left.operand} // {_divisor(right)}", type_, is_atom=False, is_arithmetic=True)
    if type_ is KqlType.DECIMAL:
        return Bound(f"TRY_CAST({left.operand} / {_divisor(right)} AS {type_.sql_type})", type_)
    left = left if KqlType.REAL in (left.type, right.type) else convert(left, KqlType.REAL)
    return Bound(f"{left.operand} / {right.operand}", KqlType.REAL, is_atom=False, is_arithmetic=True)


def _divisor(value: Bound) -> str:
    """Null instead of nought: DuckDB fails on a division of whole numbers by nought."""
    return value.operand if value.is_literal and value.literal else f"nullif({value.sql}, 0)"


def _of_times(operator: str, left: Bound, right: Bound) -> Bound | None:
    if operator == "-" and left.type is right.type is KqlType.DATETIME:
        sql = f"date_diff('microsecond', {right.sql}, {left.sql}) * 10"
        return Bound(sql, KqlType.TIMESPAN, is_atom=False, is_arithmetic=True)
    if operator in ("+", "-") and left.type is KqlType.DATETIME and right.type is KqlType.TIMESPAN:
        return shifted(left, operator, right)
    if operator == "+" and right.type is KqlType.DATETIME and left.type is KqlType.TIMESPAN:
        return shifted(right, operator, left)
    return None


def _of_spans(operator: str, left: Bound, right: Bound) -> Bound | None:
    types = (left.type, right.type)
    if types == (KqlType.TIMESPAN, KqlType.TIMESPAN):
        return _of_two_spans(operator, left, right)
    if operator == "*" and KqlType.TIMESPAN in types and (left.type.is_number or right.type.is_number):
        return _scaled(left, "*", right)
    if operator == "/" and left.type is KqlType.TIMESPAN and right.type.is_number:
        return _scaled(left, "/", right)
    return None


def _of_two_spans(operator: str, left: Bound, right: Bound) -> Bound | None:
    if operator in ("+", "-"):
        sql = f"{left.compared} {operator} {right.operand}"
        return Bound(sql, KqlType.TIMESPAN, is_atom=False, is_arithmetic=True)
    if operator == "/":
        sql = f"CAST({left.sql} AS DOUBLE) / {right.operand}"
        return Bound(sql, KqlType.REAL, is_atom=False, is_arithmetic=True)
    if operator == "%":
        return Bound(f"kql_mod({left.sql}, {right.sql})", KqlType.TIMESPAN)
    return None


def _scaled(left: Bound, operator: str, right: Bound) -> Bound:
    whole = {left.type, right.type} <= {KqlType.TIMESPAN, KqlType.INT, KqlType.LONG}
    if operator == "/" and whole:
        sql = f"{left.operand} // {_divisor(right)}"
        return Bound(sql, KqlType.TIMESPAN, is_atom=False, is_arithmetic=True)
    if not whole:
        return Bound(f"TRY_CAST(trunc({left.operand} {operator} {right.operand}) AS BIGINT)", KqlType.TIMESPAN)
    first = left.operand if _is_long(left) or _is_long(right) else f"{left.operand}::BIGINT"
    return Bound(f"{first} {operator} {right.operand}", KqlType.TIMESPAN, is_atom=False, is_arithmetic=True)
