"""Types that meet: what an operator makes of both sides, and implicit conversions."""

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import written
from query.kql.text_forms import dynamic_text, json_of, text_of
from query.kql.tree import Span
from query.kql.types import KqlType

_NUMBERS = (KqlType.INT, KqlType.LONG, KqlType.REAL, KqlType.DECIMAL)
_WHOLE = (KqlType.INT, KqlType.LONG)
_READERS = {
    KqlType.LONG: "kql_whole",
    KqlType.REAL: "kql_real",
    KqlType.DECIMAL: "",
    KqlType.BOOL: "kql_bool",
    KqlType.DATETIME: "kql_datetime",
    KqlType.TIMESPAN: "kql_timespan",
    KqlType.GUID: "kql_guid",
}


def wider(one: KqlType, other: KqlType) -> KqlType:
    """The number type that holds both."""
    return max(one, other, key=_NUMBERS.index)


def common_type(types: list[KqlType]) -> KqlType | None:
    """The type of a value that may be any of several, as in ``iff`` and ``coalesce``; None where they do not agree."""
    distinct = set(types)
    if len(distinct) == 1:
        return types[0]
    if distinct <= set(_NUMBERS):
        return max(distinct, key=_NUMBERS.index)
    if distinct == {KqlType.GUID, KqlType.STRING}:
        return KqlType.STRING
    typed = distinct - {KqlType.DYNAMIC}
    if len(typed) < len(distinct):
        return common_type(list(typed)) or KqlType.DYNAMIC
    return None


def convert(value: Bound, type_: KqlType) -> Bound:
    """``value`` as ``type_``, null where it is none: the meaning of ``toint(value)`` and its like."""
    if value.type is type_:
        return value
    if type_ is KqlType.STRING:
        return text_of(value)
    if type_ is KqlType.DYNAMIC:
        return json_of(value)
    if value.is_literal and value.literal is None:
        return written(None, type_, Span(0, 0))
    if type_.is_number and value.type.is_number:
        return _number(value, type_)
    return Bound(_converted(value, type_), type_)


def _number(value: Bound, type_: KqlType) -> Bound:
    if value.is_literal and isinstance(value.literal, int) and type_ is not KqlType.DECIMAL:
        return written(value.literal, type_, Span(0, 0))
    if value.type in _WHOLE or type_ in (KqlType.REAL, KqlType.DECIMAL):
        cast = "CAST" if (type_, value.type) != (KqlType.INT, KqlType.LONG) else "TRY_CAST"
        cast = "TRY_CAST" if type_ is KqlType.DECIMAL else cast
        return Bound(f"{cast}({value.sql} AS {type_.sql_type})", type_)
    return Bound(f"TRY_CAST(trunc({value.sql}) AS {type_.sql_type})", type_)


def _converted(value: Bound, target: KqlType) -> str:
    """SQL of a conversion between types that are not both numbers."""
    match target:
        case KqlType.INT:
            return f"TRY_CAST({_converted(value, KqlType.LONG)} AS INTEGER)"
        case KqlType.LONG if value.type is KqlType.DYNAMIC:
            return f"kql_long({value.sql})"
        case KqlType.LONG | KqlType.REAL | KqlType.DECIMAL if value.type is KqlType.DATETIME:
            return f"CAST(kql_ticks({value.sql}) AS {target.sql_type})"
        case KqlType.LONG | KqlType.REAL | KqlType.DECIMAL | KqlType.BOOL if not is_text(value):
            return f"CAST({value.sql} AS {target.sql_type})"
        case KqlType.TIMESPAN if value.type.is_number:
            return f"TRY_CAST(trunc({value.sql}) AS BIGINT)"
        case KqlType.DATETIME if value.type.is_number:
            return f"kql_moment({value.sql})"
    reader = _READERS.get(target)
    if reader is None or not is_text(value):
        return f"TRY_CAST(NULL AS {target.sql_type})"
    source = dynamic_text(value) if value.type is KqlType.DYNAMIC else value.sql
    return f"TRY_CAST({source} AS {target.sql_type})" if target is KqlType.DECIMAL else f"{reader}({source})"


def is_text(value: Bound) -> bool:
    """Whether a conversion reads it as text."""
    return value.type in (KqlType.STRING, KqlType.DYNAMIC, KqlType.GUID)


def as_number(value: Bound, other: KqlType = KqlType.REAL) -> Bound:
    """A dynamic value beside one of type ``other``, as KQL counts with it: under that type; others as they are."""
    if value.type is not KqlType.DYNAMIC or other in (KqlType.DYNAMIC, KqlType.STRING, KqlType.BOOL):
        return value
    if other is KqlType.REAL:
        return Bound(f"kql_number({value.sql})", KqlType.REAL)
    return convert(value, KqlType.LONG if other is KqlType.INT else other)


def as_text(value: Bound, span: Span) -> Bound:
    """An operand of a text operator as text.

    Raises:
        KqlProblem: its type is no text, and KQL does not make it one.
    """
    if value.type in (KqlType.STRING, KqlType.GUID, KqlType.DYNAMIC):
        return text_of(value)
    raise KqlProblem(f"A text stands here, not a {value.type.value}: write tostring(…) around it.", span)
