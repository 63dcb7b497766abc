"""When a deployment starts: once, or by an RFC 5545 rule, in a time zone; and what is done about a missed start."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class MissedStart(StrEnum):
    """What is done about a start at which the service was down or the machine was off."""

    SKIP = "skip"
    RUN_WITHIN = "run-within"


@dataclass(frozen=True, slots=True)
class Blackout:
    """A time in which nothing starts: from ``starts_at``, up to but without ``ends_at``; aware."""

    starts_at: datetime
    ends_at: datetime
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The starts of a deployment.

    ``first`` is a wall-clock time without zone, read in ``time_zone`` (IANA). ``rule`` is an RFC 5545 RRULE value
    (``FREQ=MONTHLY;BYDAY=2TU``), empty: once, at ``first``. ``offset_days`` moves each occurrence by whole days of the
    calendar (second Tuesday + 3). ``last_day``: no start after that day. ``blackouts`` is the path of an iCalendar file
    whose events are times without starts; it is read whenever starts are asked for.
    """

    first: datetime
    time_zone: str
    rule: str = ""
    offset_days: int = 0
    last_day: date | None = None
    blackouts: str = ""
    missed: MissedStart = MissedStart.SKIP
    missed_within_hours: float = 0.0
