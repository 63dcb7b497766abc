"""The parts of an RFC 5545 rule: which there are, what they may hold, and which go together."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from fleet.errors import BadInput, UnknownName

FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_TOO_OFTEN = ("MINUTELY", "SECONDLY")
_MOST_CHARACTERS = 500  # ours: the longest rule of RFC 5545's examples has 60
MOST_STARTS = 10_000  # ours: COUNT is counted from the first start on, whenever starts are asked for
_MOST_INTERVAL = 1_000
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")
_DAY = re.compile(r"([+-]?[0-9]{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_UNTIL = re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?")

# Part: smallest and greatest value, whether a minus counts from the end, how many values there may be. A start every
# second or minute is no maintenance: RFC 5545's BYSECOND takes one value, BYMINUTE four.
_NUMBERS: Mapping[str, tuple[int, int, bool, int]] = MappingProxyType(
    {
        "BYSECOND": (0, 59, False, 1),
        "BYMINUTE": (0, 59, False, 4),
        "BYHOUR": (0, 23, False, 24),
        "BYMONTHDAY": (1, 31, True, 62),
        "BYYEARDAY": (1, 366, True, 732),
        "BYWEEKNO": (1, 53, True, 106),
        "BYMONTH": (1, 12, False, 12),
        "BYSETPOS": (1, 366, True, 732),
    }
)
_SINGLE = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY")
# RFC 5545, 3.3.10: parts that a frequency must not have. BYSETPOS in an hour is ours: it has a minute or four.
_FORBIDDEN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "BYWEEKNO": ("HOURLY", "DAILY", "WEEKLY", "MONTHLY"),
        "BYYEARDAY": ("DAILY", "WEEKLY", "MONTHLY"),
        "BYMONTHDAY": ("WEEKLY",),
        "BYSETPOS": ("HOURLY",),
    }
)


def split_parts(rule: str) -> dict[str, str]:
    """The parts of ``rule``, each checked for itself and against the others, by name, in capitals.

    ``RRULE:`` before it is taken off.

    Raises:
        BadInput: names the part and what is wrong with it.
    """
    text = rule.strip().upper().removeprefix("RRULE:")
    if len(text) > _MOST_CHARACTERS or not text.isascii() or not text.isprintable():
        raise BadInput(f"The rule {rule[:60]!r} is not usable: write one line such as FREQ=MONTHLY;BYDAY=2TU.")
    parts: dict[str, str] = {}
    for piece in text.removesuffix(";").split(";"):
        name, equals, value = (word.strip() for word in piece.partition("="))
        _check_name(name, bool(equals), rule)
        if name in parts:
            raise BadInput(f"{name} stands twice in the rule {rule!r}.")
        parts[name] = value
    _check_values(parts)
    _check_together(parts)
    return parts


def _check_name(name: str, has_value: bool, rule: str) -> None:
    known = (*_SINGLE, *_NUMBERS)
    if name not in known or not has_value:
        if has_value:
            raise BadInput(f"In the rule {rule!r}: {UnknownName('part', name, known)}")
        raise BadInput(f"The rule {rule!r} is not usable: {name!r} is no part, write NAME=VALUE with ';' between them.")


def _check_values(parts: Mapping[str, str]) -> None:
    checks: Mapping[str, Callable[[str], None]] = {
        "FREQ": _check_frequency,
        "INTERVAL": lambda value: _check_numbers("INTERVAL", value, 1, _MOST_INTERVAL, False, 1),
        "COUNT": lambda value: _check_numbers("COUNT", value, 1, MOST_STARTS, False, 1),
        "UNTIL": _check_until,
        "WKST": _check_week_start,
        "BYDAY": _check_days,
    }
    for name, value in parts.items():
        if name in checks:
            checks[name](value)
        else:
            _check_numbers(name, value, *_NUMBERS[name])


def _check_frequency(value: str) -> None:
    if value in _TOO_OFTEN:
        raise BadInput(f"FREQ={value} is too often for a deployment: at most HOURLY.")
    if value not in FREQUENCIES:
        raise BadInput(f"FREQ={value} is not usable: it is one of {', '.join(FREQUENCIES)}.")


def _check_numbers(name: str, value: str, least: int, most: int, signed: bool, how_many: int) -> None:
    words = value.split(",")
    sign = " or, counted from the end, with a minus" if signed else ""
    for word in words:
        number = int(word) if _NUMBER.fullmatch(word) else None
        if number is None or not least <= (abs(number) if signed else number) <= most:
            raise BadInput(f"{name}={value} is not usable: it takes numbers from {least} to {most}{sign}.")
    if len(words) > how_many:
        raise BadInput(f"{name}={value} is not usable: it takes at most {how_many} value{'s' if how_many > 1 else ''}.")


def _check_until(value: str) -> None:
    if not _UNTIL.fullmatch(value):
        raise BadInput(f"UNTIL={value} is not usable: write 20271231, 20271231T235959 or, in UTC, 20271231T235959Z.")


def _check_week_start(value: str) -> None:
    if value not in WEEKDAYS:
        raise BadInput(f"WKST={value} is not usable: it is one of {', '.join(WEEKDAYS)}.")


def _check_days(value: str) -> None:
    for word in value.split(","):
        match = _DAY.fullmatch(word)
        if match is None or (match[1] and not 1 <= abs(int(match[1])) <= 53):
            raise BadInput(
                f"BYDAY={value} is not usable: write MO, or 2TU for the second, -1FR for the last, with commas."
            )


def _check_together(parts: Mapping[str, str]) -> None:
    if "FREQ" not in parts:
        raise BadInput("The rule has no FREQ: write, for example, FREQ=MONTHLY;BYDAY=2TU.")
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadInput("COUNT and UNTIL do not go together: RFC 5545 allows one of them.")
    frequency = parts["FREQ"]
    for name, frequencies in _FORBIDDEN.items():
        if name in parts and frequency in frequencies:
            raise BadInput(f"{name} does not go with FREQ={frequency}.")
    numbered = any(character.isdigit() for character in parts.get("BYDAY", ""))
    if numbered and (frequency not in ("MONTHLY", "YEARLY") or "BYWEEKNO" in parts):
        with_what = "BYWEEKNO" if frequency == "YEARLY" else f"FREQ={frequency}"
        raise BadInput(
            f"BYDAY={parts['BYDAY']} does not go with {with_what}: a numbered day is one of a month or year."
        )
    if "BYSETPOS" in parts and not any(name in parts for name in (*_NUMBERS, "BYDAY") if name != "BYSETPOS"):
        raise BadInput("BYSETPOS chooses among the days of another part: give BYDAY, BYMONTHDAY or the like.")
