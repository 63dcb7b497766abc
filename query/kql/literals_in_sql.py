"""Values that were written out, as SQL of DuckDB."""

import json
import math
from datetime import datetime
from decimal import Decimal

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.tree import Span
from query.kql.types import KqlType


def quoted(text: str, span: Span) -> str:
    """``text`` as a literal of SQL.

    Raises:
        KqlProblem: it holds a character that no text of DuckDB can hold.
    """
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise KqlProblem("A text cannot hold the character NUL, nor half of a surrogate pair.", span)
    return "'" + text.replace("'", "''") + "'"


def null_of(type_: KqlType) -> Bound:
    """The null of a type; the empty text where there is none."""
    if type_ is KqlType.STRING:
        return Bound("''", type_, literal="", is_literal=True)
    return Bound(f"NULL::{type_.sql_type}", type_, literal=None, is_literal=True)


def written(value: object, type_: KqlType, span: Span) -> Bound:
    """``value``, as `query.kql.tree.Literal` has it, as SQL."""
    if value is None:
        return null_of(type_)
    sql = _sql(value, type_, span)
    return Bound(sql, type_, is_atom=not sql.startswith("-"), literal=value, is_literal=True)


def text_literal(text: str, span: Span) -> Bound:
    """A text as SQL."""
    return written(text, KqlType.STRING, span)


def _sql(value: object, type_: KqlType, span: Span) -> str:
    if type_ is KqlType.BOOL:
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.replace(tzinfo=None).isoformat(sep=' ')}'"
    if type_ is KqlType.REAL and isinstance(value, int | float | Decimal):
        return _real(float(value))
    if type_ is KqlType.DECIMAL:
        return f"{value}::{type_.sql_type}"
    if type_ is KqlType.DYNAMIC:
        return quoted(json.dumps(value, ensure_ascii=False, separators=(",", ":")), span) + "::JSON"
    if isinstance(value, str):
        return quoted(value.lower() if type_ is KqlType.GUID else value, span)
    return str(value)


def _real(value: float) -> str:
    # Without an exponent DuckDB reads a decimal number.
    if not math.isfinite(value):
        return f"'{value}'::DOUBLE"
    text = repr(value)
    return text if "e" in text else text + "e0"
