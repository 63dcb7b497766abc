"""Values as a Log Analytics workspace exports them, as those of a column; pure.

JSON has typed values and ISO times of seven decimals, the portal's CSV has text only: ``11/20/2026, 12:00:00.000 PM``.
"""

import json
import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from fleet.records import Value
from fleet.tables import Column, ColumnType

_MOST_CHARACTERS = 1_000_000
_SHOWN_CHARACTERS = 60

_SECONDS = r"(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_ISO = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    rf"(?:[T ]+(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}){_SECONDS})?"
    r"\s*(?P<zone>Z|UTC|[+-]\d{2}(?::?\d{2})?)?",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
    rf"(?:,?\s+(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}}){_SECONDS}\s*(?P<half>[AP]M)?)?"
    r"\s*(?P<zone>Z|UTC)?",
    re.IGNORECASE,
)
_WORDS = {"true": True, "false": False, "1": True, "0": False}
_INFINITIES = {"nan": math.nan, "infinity": math.inf, "-infinity": -math.inf, "inf": math.inf, "-inf": -math.inf}


def parse_exported(column: Column, value: object) -> Value:
    """``value`` as one of ``column``; nothing is the empty text in a column of texts, null in others.

    Raises:
        ValueError: it is none; says what was expected, in words.
    """
    if value is None or value == "":
        return "" if column.type is ColumnType.STRING else None
    try:
        return _PARSERS[column.type](value)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(f"{column.name} is {_shown(value)}, not {_EXPECTED[column.type]}") from error


def parse_time(value: object) -> datetime:
    """A time in UTC: ISO 8601 with up to nine decimals, or month/day/year as Azure's portal writes it; UTC if no zone.

    What is finer than a microsecond is cut off.

    Raises:
        ValueError: it is not one.
    """
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    text = value.strip() if isinstance(value, str) else ""
    found = _ISO.fullmatch(text) or _AMERICAN.fullmatch(text)
    if found is None:
        raise ValueError("not a time")
    parts = found.groupdict()
    hour = _hour(int(parts["hour"] or 0), parts.get("half"))
    microsecond = int((parts["fraction"] or "0").ljust(6, "0")[:6])
    year, month, day = (int(parts[name]) for name in ("year", "month", "day"))
    moment = datetime(year, month, day, hour, int(parts["minute"] or 0), int(parts["second"] or 0), microsecond, UTC)
    return moment - _offset(parts["zone"])


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("not an hour of a half day")
    return hour % 12 + (12 if half.upper() == "PM" else 0)


def _offset(zone: str | None) -> timedelta:
    if zone is None or zone.upper() in ("Z", "UTC"):
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone.startswith("-") else offset


def _text(value: object) -> str:
    if not isinstance(value, str):
        value = value.isoformat() if isinstance(value, date) else _json(value)
    if len(value) > _MOST_CHARACTERS:
        raise ValueError("too long")
    return _encodable(value)


def _bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().casefold() if isinstance(value, str | int) else ""
    if text not in _WORDS:
        raise ValueError("not a truth")
    return _WORDS[text]


def _whole(bits: int) -> Callable[[object], int]:
    most = 2 ** (bits - 1)

    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise TypeError("not a number")
        number = int(value) if isinstance(value, int) or _is_digits(value) else float(value)
        if number != int(number) or not -most <= number < most:
            raise ValueError("not a whole number of that size")
        return int(number)

    return parse


def _is_digits(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,20}\s*", value) is not None


def _real(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        raise TypeError("not a number")
    if isinstance(value, str):
        word = value.strip().casefold()
        if word in _INFINITIES:
            return _INFINITIES[word]
        if not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", word):
            raise ValueError("not a number")
    return float(value)


def _dynamic(value: object) -> str:
    """JSON text; a text that is none becomes a JSON string, as with Kusto's todynamic."""
    if isinstance(value, str):
        if len(value) > _MOST_CHARACTERS:
            raise ValueError("too long")
        with suppress(ValueError, RecursionError):  # what JSON cannot say again stays a text too
            return _encodable(_json(json.loads(value, parse_constant=_refuse)))
    return _encodable(_json(value))


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str, allow_nan=False)


def _encodable(text: str) -> str:
    """``text`` with lone surrogates, which UTF-8 cannot have, as U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _day(value: object) -> date:
    return parse_time(value).date()


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"


_PARSERS: dict[ColumnType, Callable[[object], Value]] = {
    ColumnType.STRING: _text,
    ColumnType.DATETIME: parse_time,
    ColumnType.DATE: _day,
    ColumnType.BOOL: _bool,
    ColumnType.INT: _whole(32),
    ColumnType.LONG: _whole(64),
    ColumnType.REAL: _real,
    ColumnType.DYNAMIC: _dynamic,
}
_EXPECTED = {
    ColumnType.STRING: "a text of up to 1,000,000 characters",
    ColumnType.DATETIME: "a time such as 2026-11-20T12:00:00Z or 11/20/2026, 12:00:00.000 PM",
    ColumnType.DATE: "a day",
    ColumnType.BOOL: "true or false",
    ColumnType.INT: "a whole number of 32 bits",
    ColumnType.LONG: "a whole number of 64 bits",
    ColumnType.REAL: "a number",
    ColumnType.DYNAMIC: "JSON",
}
