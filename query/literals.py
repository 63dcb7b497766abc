"""Values of parameters, read from text as the command line and headers give them."""

import math
from datetime import UTC, date, datetime

from fleet.errors import BadInput
from fleet.tables import ColumnType

PARAMETER_TYPES = tuple(
    type_.value
    for type_ in (
        ColumnType.STRING,
        ColumnType.INT,
        ColumnType.REAL,
        ColumnType.BOOL,
        ColumnType.DATETIME,
        ColumnType.DATE,
    )
)
_BOOLS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
# DuckDB's BIGINT.
_LARGEST = 2**63 - 1


def parse_value(name: str, type_: ColumnType, text: str) -> object:
    """``text`` as a value of ``type_`` for the parameter ``name``; quotes around a string are taken off.

    Raises:
        BadInput: it is not one.
    """
    try:
        return _parse(type_, text.strip())
    except (ValueError, KeyError, OverflowError):
        raise BadInput(f"Parameter {name} takes {_EXPECTED[type_]}, and {text!r} is none.") from None


def _parse(type_: ColumnType, text: str) -> object:
    if type_ is ColumnType.INT:
        number = int(text)
        if abs(number) > _LARGEST:
            raise OverflowError
        return number
    if type_ is ColumnType.REAL:
        real = float(text)
        if not math.isfinite(real):
            raise OverflowError
        return real
    if type_ is ColumnType.BOOL:
        return _BOOLS[text.casefold()]
    if type_ is ColumnType.DATE:
        return date.fromisoformat(text)
    if type_ is ColumnType.DATETIME:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    is_quoted = len(text) >= 2 and text[0] == text[-1] == "'"
    return text[1:-1].replace("''", "'") if is_quoted else text


_EXPECTED = {
    ColumnType.STRING: "a text",
    ColumnType.INT: "a whole number",
    ColumnType.REAL: "a number",
    ColumnType.BOOL: "true or false",
    ColumnType.DATETIME: "a time like 2026-11-20T12:00:00Z",
    ColumnType.DATE: "a day like 2026-11-20",
}
