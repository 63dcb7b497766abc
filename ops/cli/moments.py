"""Moments of the past as people write them: a time, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

from fleet.errors import BadInput

_AGE = re.compile(r"(?P<number>[0-9]{1,6})\s*(?P<unit>s|min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_moment(text: str | None, option: str, now: datetime) -> datetime | None:
    """``2026-11-20T12:00Z``, ``2026-11-20`` (UTC, where no zone is named), or an age: ``7d``, ``12h``, ``30min``.

    Raises:
        BadInput: it is neither; names the ``option`` that it was given with.
    """
    if text is None:
        return None
    try:
        if found := _AGE.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[found["unit"].lower()]: int(found["number"])})
        at = datetime.fromisoformat(text.strip())
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            f"{option}: {text!r} is no time: write 2026-11-20T12:00Z, or how long ago: 7d, 12h, 30min."
        ) from error
