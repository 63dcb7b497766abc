"""Values as KQL prints them: what ``tostring`` gives, and what stands in JSON."""

import re

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import text_literal
from query.kql.tree import Span
from query.kql.types import KqlType

_NOWHERE = Span(0, 0)
# A member of a dynamic value, as `query.kql.dynamic_values` writes it.
JSON_PATH = re.compile(r"(?P<base>.*) -> '(?P<path>\$(?:[^']|'')*)'", re.DOTALL)


def text_of(value: Bound) -> Bound:
    """``tostring(value)``: a null is the empty text, a text inside JSON has no quotes."""
    if value.type is KqlType.STRING:
        return value
    if value.is_literal and (value.literal is None or value.type in (KqlType.INT, KqlType.LONG, KqlType.GUID)):
        return text_literal("" if value.literal is None else str(value.literal), _NOWHERE)
    return Bound(f"coalesce({nullable_text(value)}, '')", KqlType.STRING)


def nullable_text(value: Bound) -> str:
    """SQL of the text of a value, null where the value is: for results, and inside of JSON."""
    match value.type:
        case KqlType.STRING | KqlType.GUID:
            return value.sql
        case KqlType.REAL:
            return f"kql_real_text({value.sql})"
        case KqlType.DECIMAL:
            return f"kql_decimal_text({value.sql})"
        case KqlType.DATETIME:
            return f"kql_datetime_text({value.sql})"
        case KqlType.TIMESPAN:
            return f"kql_timespan_text({value.sql})"
        case KqlType.DYNAMIC:
            return dynamic_text(value)
        case _:
            return f"CAST({value.sql} AS VARCHAR)"


def dynamic_text(value: Bound) -> str:
    """SQL of the text of a dynamic value; null for JSON's null too."""
    match = None if value.is_atom else JSON_PATH.fullmatch(value.sql)
    return f"{match['base']} ->> '{match['path']}'" if match else f"{value.operand} ->> '$'"


def json_item(value: Bound) -> str:
    """SQL of a value as an item of ``json_array`` and ``json_object``."""
    if value.type in (KqlType.DATETIME, KqlType.TIMESPAN):
        return nullable_text(value)
    if value.type is KqlType.DECIMAL:
        return f"CAST({value.sql} AS DOUBLE)"
    return value.sql


def json_of(value: Bound) -> Bound:
    """Any value as a dynamic one."""
    if value.type is KqlType.DYNAMIC:
        return value
    return Bound(f"to_json({json_item(value)})", KqlType.DYNAMIC)


def literal_text(value: Bound, span: Span, what: str) -> str:
    """The text of an argument that must be written out.

    Raises:
        KqlProblem: it is computed.
    """
    if not value.is_literal or not isinstance(value.literal, str):
        raise KqlProblem(f"{what} must be written out, as a text in quotes.", span)
    return value.literal
