"""Instants of the past as people write them: a time, a word such as yesterday, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from fleet.errors import BadInput

_AGE = re.compile(r"(?P<number>[0-9]{1,6})\s*(?P<unit>[a-z]+)(?:\s+ago)?", re.IGNORECASE)
_UNITS = {
    "seconds": ("s", "sec", "second", "seconds"),
    "minutes": ("m", "min", "minute", "minutes"),
    "hours": ("h", "hour", "hours"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "week", "weeks"),
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words}
_DAYS_BEFORE = {"today": 0, "yesterday": 1}
FORMS = "2026-11-20T12:00Z, 2026-11-20, yesterday, yesterday 18:00, 3 days ago, 12h or run:ID"


def read_instant(text: str, now: datetime) -> datetime:
    """The instant, in UTC, that ``text`` says at ``now``.

    ``2026-11-20T12:00Z`` and whatever else ISO 8601 has, UTC where no zone is named; ``today`` and ``yesterday``, at
    midnight UTC or at a time behind them (``yesterday 18:00``); ``3 days ago``, ``12h``; ``now``.

    Raises:
        BadInput: it is none of these.
    """
    said = text.strip()
    try:
        if said.casefold() == "now":
            return now.astimezone(UTC)
        if found := _AGE.fullmatch(said):
            return now.astimezone(UTC) - timedelta(**{_UNIT_OF[found["unit"].lower()]: int(found["number"])})
        day, _, time = said.partition(" ")
        if day.casefold() in _DAYS_BEFORE:
            date = now.astimezone(UTC).date() - timedelta(days=_DAYS_BEFORE[day.casefold()])
            said = f"{date.isoformat()}T{time.strip()}" if time.strip() else date.isoformat()
        at = datetime.fromisoformat(said)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, KeyError, OverflowError) as error:
        raise BadInput(f"Time {text!r} is not usable: write it as {FORMS}.") from error


def instant_text(at: datetime) -> str:
    """``2026-11-20 03:00Z``; with seconds where there are any, and with their fractions where they matter."""
    in_utc = at.astimezone(UTC).replace(tzinfo=None)
    if in_utc.microsecond:
        return in_utc.isoformat(" ", "microseconds").rstrip("0") + "Z"
    return in_utc.isoformat(" ", "seconds" if in_utc.second else "minutes") + "Z"
