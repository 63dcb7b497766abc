"""Quiet hours: when people are not told of what is not grave enough, by the clocks on the walls of one time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fleet.deployments.zones import find_zone, to_instant
from fleet.errors import BadInput, UnknownName

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"(?:(?P<days>\S+)\s+)?(?P<begins>\d{1,2}:\d{2})\s*-\s*(?P<ends>\d{1,2}:\d{2})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class QuietSpan:
    """A time of the day on some days, all seven where none is named.

    One that ends when it begins or before goes on into the next day, and belongs to the day on which it begins.

    Args:
        begins_minute, ends_minute: minutes of the wall clock since midnight; 1440 is the end of the day.
        days: by the names in `DAYS`, in the order of the week.
    """

    begins_minute: int
    ends_minute: int
    days: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """As `parse_span` reads it: ``Sat,Sun 00:00-24:00``."""
        days = f"{','.join(self.days)} " if self.days else ""
        return f"{days}{_clock(self.begins_minute)}-{_clock(self.ends_minute)}"

    def holds(self, wall: datetime) -> bool:
        """Whether the naive ``wall`` lies in it; its beginning does, its end does not."""
        minute, today = wall.hour * 60 + wall.minute, DAYS[wall.weekday()]
        if self.begins_minute < self.ends_minute:
            return self._is_of(today) and self.begins_minute <= minute < self.ends_minute
        yesterday = DAYS[(wall.weekday() - 1) % 7]
        return (self._is_of(today) and minute >= self.begins_minute) or (
            self._is_of(yesterday) and minute < self.ends_minute
        )

    def _is_of(self, day: str) -> bool:
        return not self.days or day in self.days


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Spans of quiet in the IANA time zone ``zone``; none where it is never quiet."""

    spans: tuple[QuietSpan, ...] = ()
    zone: str = "UTC"

    def holds(self, at: datetime) -> bool:
        """Whether it is quiet at the aware ``at``. An hour that the clocks go through twice is quiet both times."""
        if not self.spans:
            return False
        wall = at.astimezone(find_zone(self.zone)).replace(tzinfo=None)
        return any(span.holds(wall) for span in self.spans)

    def ends_after(self, at: datetime) -> datetime | None:
        """When it is quiet no more for the first time after ``at``; None where a week holds no such time."""
        zone = find_zone(self.zone)
        midnight = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        walls = {midnight + timedelta(days=day, minutes=span.ends_minute) for span in self.spans for day in range(9)}
        ends = {to_instant(wall, zone).at for wall in walls}
        ends |= {wall.replace(tzinfo=zone, fold=1).astimezone(UTC) for wall in walls}  # the second time of an hour
        return next((end for end in sorted(ends) if end > at and not self.holds(end)), None)


def parse_span(text: str) -> QuietSpan:
    """``22:00-06:00``, ``Sat,Sun 00:00-24:00``, ``Mon-Fri 18:00-08:00``.

    Raises:
        BadInput: it is none; says how one is written.
    """
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        raise BadInput(f"Quiet hours {text!r} are not usable: write 22:00-06:00 or 'Sat,Sun 00:00-24:00'.")
    begins, ends = (_minutes(match[name], text) for name in ("begins", "ends"))
    if begins == _DAY_MINUTES:
        raise BadInput(f"Quiet hours {text!r} are not usable: a day begins at 00:00.")
    return QuietSpan(begins, ends, _parse_days(match["days"] or ""))


def _parse_days(text: str) -> tuple[str, ...]:
    chosen: set[str] = set()
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        begin, end = _day(first), _day(last) if dash else _day(first)
        chosen.update(DAYS[(begin + number) % 7] for number in range((end - begin) % 7 + 1))
    return tuple(day for day in DAYS if day in chosen)


def _day(text: str) -> int:
    for number, day in enumerate(DAYS):
        if text.casefold() == day.casefold():
            return number
    raise UnknownName("day of the week", text[:40], DAYS)


def _minutes(text: str, whole: str) -> int:
    match = _CLOCK.fullmatch(text)
    hours, minutes = (int(part) for part in match.groups()) if match else (99, 99)
    total = hours * 60 + minutes
    if minutes > 59 or total > _DAY_MINUTES:
        raise BadInput(f"Quiet hours {whole!r} are not usable: {text} is no time of the day.")
    return total


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
