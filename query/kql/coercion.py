"""Types that meet: what an operator makes of both sides, and implicit conversions."""

from dataclasses import replace

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import written
from query.kql.text_forms import dynamic_text, json_of, text_of
from query.kql.tree import Span
from query.kql.types import KqlType

_NUMBERS = (KqlType.INT, KqlType.LONG, KqlType.REAL, KqlType.DECIMAL)
_WHOLE = (KqlType.INT, KqlType.LONG)


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
    return KqlType.DYNAMIC if KqlType.DYNAMIC in distinct else None


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
    source = dynamic_text(value) if value.type is KqlType.DYNAMIC else value.sql
    return Bound(_from_text(source, value.type, type_), type_)


def _number(value: Bound, type_: KqlType) -> Bound:
    if value.is_literal and isinstance(value.literal, int) and type_ is not KqlType.DECIMAL:
        return written(value.literal, type_, Span(0, 0))
    if value.type in _WHOLE or type_ in (KqlType.REAL, KqlType.DECIMAL):
        cast = "CAST" if (type_, value.type) != (KqlType.INT, KqlType.LONG) else "TRY_CAST"
        cast = "TRY_CAST" if type_ is KqlType.DECIMAL else cast
        return Bound(f"{cast}({value.sql} AS {type_.sql_type})", type_)
    return Bound(f"TRY_CAST(trunc({value.sql}) AS {type_.sql_type})", type_)


def _from_text(source: str, type_: KqlType, target: KqlType) -> str:
    is_text = type_ in (KqlType.STRING, KqlType.DYNAMIC, KqlType.GUID)
    if target in _WHOLE:
        return (
            f"kql_whole({source}, NULL::{target.sql_type})" if is_text else f"TRY_CAST({source} AS {target.sql_type})"
        )
    if target is KqlType.DATETIME and is_text:
        return f"kql_datetime({source})"
    if target is KqlType.TIMESPAN and is_text:
        return f"kql_timespan({source})"
    if target is KqlType.GUID and is_text:
        return f"kql_guid({source})"
    if target is KqlType.BOOL and is_text:
        return f"kql_bool({source})"
    return f"TRY_CAST({source} AS {target.sql_type})"


def as_number(value: Bound) -> Bound:
    """A dynamic value as the number that it is; others as they are."""
    if value.type is not KqlType.DYNAMIC:
        return value
    return Bound(f"kql_number({value.sql})", KqlType.REAL)


def as_text(value: Bound, span: Span) -> Bound:
    """An operand of a text operator as text.

    Raises:
        KqlProblem: its type is no text, and KQL does not make it one.
    """
    if value.type in (KqlType.STRING, KqlType.GUID, KqlType.DYNAMIC):
        return text_of(value)
    raise KqlProblem(f"A text stands here, not a {value.type.value}: write tostring(…) around it.", span)


def retyped(value: Bound, type_: KqlType) -> Bound:
    """The same SQL under another type, where DuckDB holds both alike."""
    return replace(value, type=type_)
