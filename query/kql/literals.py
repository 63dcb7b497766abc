"""Numbers, timespans, dates and the like, from their text. Pure: no place, no token."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from query.kql.types import TICKS_PER_SECOND, KqlType

_UNITS = {
    "d": ("d", "day", "days"),
    "h": ("h", "hr", "hrs", "hour", "hours"),
    "m": ("m", "min", "minute", "minutes"),
    "s": ("s", "sec", "second", "seconds"),
    "ms": ("ms", "milli", "millis", "millisec", "millisecond", "milliseconds"),
    "us": ("micro", "micros", "microsec", "microsecond", "microseconds"),
    "tick": ("tick", "ticks"),
}
_TICKS = {
    "d": 86400 * TICKS_PER_SECOND,
    "h": 3600 * TICKS_PER_SECOND,
    "m": 60 * TICKS_PER_SECOND,
    "s": TICKS_PER_SECOND,
    "ms": TICKS_PER_SECOND // 1000,
    "us": TICKS_PER_SECOND // 1_000_000,
    "tick": 1,
}
TICKS_OF_UNITS = {spelling: _TICKS[unit] for unit, spellings in _UNITS.items() for spelling in spellings}

_AMOUNT = re.compile(r"([+-]?)\s*(\d+(?:\.\d+)?)\s*([a-z]*)", re.ASCII)
_CLOCK = re.compile(r"([+-]?)(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?", re.ASCII)
_DATE = re.compile(
    r"""(\d{4})-(\d{1,2})(?:-(\d{1,2}))?
        (?:[T\s]+(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2})(?:[.,](\d{1,9}))?)?)?
        \s*(Z|GMT|UTC|[+-]\d{2}:?\d{2})?""",
    re.ASCII | re.VERBOSE | re.IGNORECASE,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)(.*)", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)
_AMERICAN_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?(?:\s*([AP]M))?",
    re.ASCII | re.IGNORECASE,
)
_NAMED_DATE_SHAPES = (
    "%a, %d %b %Y %H:%M:%S", "%d %b %Y %H:%M:%S", "%a, %d %b %y %H:%M:%S", "%d %b %y %H:%M:%S", "%d %b %Y %H:%M",
    "%a %b %d %H:%M:%S %Y", "%A, %d-%b-%y %H:%M:%S", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%B %d, %Y",
)  # fmt: skip
# More digits than 64 bits of ticks have, whatever the unit.
_LONGEST_TIMESPAN = 60
_LARGEST_INT = 2**31
_LARGEST_LONG = 2**63
_SPECIAL_REALS = {"nan": "nan", "+inf": "inf", "inf": "inf", "-inf": "-inf"}


def read_timespan(text: str) -> int:
    """The ticks that ``1d``, ``1.5h``, ``1.02:03:04.5``, ``5`` (days) or ``-90 min`` mean.

    Raises:
        ValueError: it is no timespan, or beyond what 64 bits of ticks hold.
    """
    if len(text) <= _LONGEST_TIMESPAN and (found := _AMOUNT.fullmatch(text)):
        sign, amount, unit = found.groups()
        ticks = int(Decimal(amount) * TICKS_OF_UNITS[unit or "d"]) if not unit or unit in TICKS_OF_UNITS else None
        if ticks is not None:
            return _bounded(-ticks if sign == "-" else ticks, _LARGEST_LONG)
    if found := _CLOCK.fullmatch(text):
        return _clock_ticks(*found.groups())
    raise ValueError(text)


def _clock_ticks(
    sign: str, days: str | None, hours: str, minutes: str, seconds: str | None, fraction: str | None
) -> int:
    if int(hours) > 23 or int(minutes) > 59 or int(seconds or 0) > 59:
        raise ValueError(hours)
    whole = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds or 0)
    ticks = whole * TICKS_PER_SECOND + int((fraction or "0").ljust(7, "0"))
    return _bounded(-ticks if sign == "-" else ticks, _LARGEST_LONG)


def read_datetime(text: str) -> datetime:
    """A naive UTC time from any form that Kusto takes: ISO 8601 whole or in part, RFC 822 and 850, American.

    Digits below the microsecond are dropped.

    Raises:
        ValueError: it is no time, or lies outside the years 1 to 9999.
    """
    try:
        if _YEAR.fullmatch(text):
            return datetime(int(text), 1, 1)  # noqa: DTZ001 - KQL's times are naive UTC
        if found := _COMPACT_DATE.fullmatch(text):
            text = "{}-{}-{}{}".format(*found.groups())
        if found := _DATE.fullmatch(text):
            return _iso_date(*found.groups())
        if found := _AMERICAN_DATE.fullmatch(text):
            return _american_date(*found.groups())
        return _named_date(text)
    except OverflowError as error:
        raise ValueError(text) from error


def _iso_date(
    year: str, month: str, day: str | None, hour: str | None, minute: str | None, second: str | None,
    fraction: str | None, zone: str | None,
) -> datetime:  # fmt: skip
    microseconds = int((fraction or "0")[:6].ljust(6, "0"))
    clock = (int(hour or 0), int(minute or 0), int(second or 0))
    local = datetime(int(year), int(month), int(day or 1), *clock, microseconds)  # noqa: DTZ001
    return local - _zone_offset(zone or "Z")


def _zone_offset(zone: str) -> timedelta:
    if zone[0] not in "+-":
        return timedelta(0)
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -offset if zone[0] == "-" else offset


def _american_date(
    month: str, day: str, year: str, hour: str | None, minute: str | None, second: str | None, fraction: str | None,
    half: str | None,
) -> datetime:  # fmt: skip
    hours = int(hour or 0)
    if half:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    microseconds = int((fraction or "0")[:6].ljust(6, "0"))
    clock = (hours, int(minute or 0), int(second or 0))
    return datetime(int(year), int(month), int(day), *clock, microseconds)  # noqa: DTZ001


def _named_date(text: str) -> datetime:
    """A date with the name of its month, as mails and web servers write it."""
    bare = re.sub(r"\s*(?:Z|GMT|UTC|UT)$", "", text)
    for shape in _NAMED_DATE_SHAPES:
        try:
            return datetime.strptime(bare, shape)  # noqa: DTZ007 - see above
        except ValueError:
            continue
    raise ValueError(text)


def read_typed(kind: KqlType, text: str) -> object:
    """The value that ``text`` has as ``kind``: what stands in ``long(…)`` or ``datetime(…)``.

    Raises:
        ValueError: it has none.
    """
    return _READERS[kind](text)


def _read_bool(text: str) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in known:
        raise ValueError(text)
    return known[text.lower()]


def _read_whole(text: str, limit: int) -> int:
    digits = re.sub(r"\s+", "", text)
    is_hex = re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]+", digits)
    if not is_hex and not re.fullmatch(r"[+-]?\d{1,20}", digits, re.ASCII):
        raise ValueError(text)
    return _bounded(int(digits, 16 if is_hex else 10), limit)


def _bounded(number: int, limit: int) -> int:
    if not -limit <= number < limit:
        raise ValueError(number)
    return number


def _read_real(text: str) -> float:
    if text.lower() in _SPECIAL_REALS:
        return float(_SPECIAL_REALS[text.lower()])
    if not re.fullmatch(r"[+-]?\s*(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text, re.ASCII):
        raise ValueError(text)
    return float(re.sub(r"\s+", "", text))


def _read_decimal(text: str) -> Decimal:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", text, re.ASCII):
        raise ValueError(text)
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(text) from error


_READERS: dict[KqlType, Callable[[str], object]] = {
    KqlType.BOOL: _read_bool,
    KqlType.INT: lambda text: _read_whole(text, _LARGEST_INT),
    KqlType.LONG: lambda text: _read_whole(text, _LARGEST_LONG),
    KqlType.REAL: _read_real,
    KqlType.DECIMAL: _read_decimal,
    KqlType.STRING: str,
    KqlType.DATETIME: read_datetime,
    KqlType.TIMESPAN: read_timespan,
    KqlType.GUID: lambda text: str(UUID(text)),
}
