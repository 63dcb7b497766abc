"""Conversions: null where the value cannot be read as the type."""

from collections.abc import Callable

from query.kql.bound import Bound
from query.kql.coercion import convert
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.types import KqlType


def _to(type_: KqlType) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        return convert(arguments[0], type_)

    return write


def _function(name: str, type_: KqlType, *aliases: str) -> Function:
    meaning = f"The value as {type_.value}; null where it cannot be read as one."
    if type_ is KqlType.STRING:
        meaning = "The value as text; an empty one for null."
    return Function(f"{name}(value: any): {type_.value}", meaning, _to(type_), aliases, keeps_name=True)


def _parse_json(arguments: Arguments) -> Bound:
    value = arguments[0]
    if value.type is KqlType.STRING:
        return Bound(f"kql_json({value.sql})", KqlType.DYNAMIC)
    return convert(value, KqlType.DYNAMIC)


CONVERSIONS = (
    _function("tostring", KqlType.STRING),
    _function("toint", KqlType.INT),
    _function("tolong", KqlType.LONG),
    _function("todouble", KqlType.REAL, "toreal"),
    _function("todecimal", KqlType.DECIMAL),
    _function("tobool", KqlType.BOOL, "toboolean"),
    _function("todatetime", KqlType.DATETIME),
    _function("totimespan", KqlType.TIMESPAN, "totime"),
    _function("toguid", KqlType.GUID),
    Function(
        "parse_json(value: any): dynamic",
        "The dynamic value that a text says in JSON; a text that is no JSON stays a text.",
        _parse_json,
        ("todynamic", "toobject", "parsejson"),
        keeps_name=True,
    ),
)
