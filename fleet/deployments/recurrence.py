"""RFC 5545 rules on wall-clock time: the occurrences of one, in order, and always to an end.

python-dateutil knows the rules. What it does not: it takes a rule that never matches to the year 9999, it begins the
first week of a weekly rule at DTSTART, and it reads a rule from its beginning however long ago that is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, timedelta, tzinfo

from dateutil.rrule import rrulestr

from fleet.deployments.recurrence_parts import WEEKDAYS, split_parts
from fleet.deployments.zones import to_instant
from fleet.errors import BadInput

HORIZON = timedelta(days=3653)  # ten years, leap days included
_UNITS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}
_MARGIN = timedelta(days=8)
# Years after which the Gregorian calendar repeats itself, weekdays included; and after which it does so from 1901 to
# 2099 and from 9901 on, where no century ends without a leap day.
_CYCLE, _SHORT_CYCLE = 400, 28
_SHORT_YEARS = range(1902, 2099)
_LAST_CENTURY = 9902
_CYCLES = 20 * _CYCLE  # from 1999 to 9999


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that was read. ``text`` is without COUNT and UNTIL, which are beside it: ``until`` as a day, as a
    wall-clock time or, aware, as an instant.
    """

    text: str
    frequency: str
    interval: int
    week_start: int
    has_days: bool
    count: int | None
    until: date | datetime | None


def parse_rule(rule: str) -> Recurrence:
    """The rule ``FREQ=MONTHLY;BYDAY=2TU``; ``RRULE:`` before it may be there.

    Raises:
        BadInput: it is not one, or one for starts by the minute; names the part.
    """
    parts = split_parts(rule)
    kept = {name: value for name, value in parts.items() if name not in ("COUNT", "UNTIL")}
    return Recurrence(
        text=";".join(f"{name}={value}" for name, value in kept.items()),
        frequency=parts["FREQ"],
        interval=int(parts.get("INTERVAL", "1")),
        week_start=WEEKDAYS.index(parts.get("WKST", "MO")),
        has_days="BYDAY" in parts,
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=_parse_until(parts["UNTIL"]) if "UNTIL" in parts else None,
    )


def occurrences(rule: Recurrence, first: datetime, zone: tzinfo, after: datetime) -> Iterator[datetime]:
    """The wall-clock times of ``rule`` from ``first`` on, in order, none later than `HORIZON` after ``after``.

    ``first`` itself is one only where the rule matches it, and COUNT counts those that match. Occurrences some days
    before ``after`` come too, earlier ones may be left out. All times are naive; ``zone`` is for an UNTIL in UTC.
    """
    last = max(first, after) + HORIZON
    for number, wall in enumerate(_matching(rule, first, after, last), start=1):
        if wall > last or (rule.count is not None and number > rule.count) or _is_beyond(rule.until, wall, zone):
            return
        yield wall


def _matching(rule: Recurrence, first: datetime, after: datetime, last: datetime) -> Iterator[datetime]:
    begin = first if rule.count is not None else _skip_ahead(rule, first, after)
    text = rule.text
    if rule.frequency == "WEEKLY":
        text += "" if rule.has_days else f";BYDAY={WEEKDAYS[first.weekday()]}"
        begin -= timedelta(days=(begin.weekday() - rule.week_start) % 7)
    shift = _years_to_the_end(begin.year, last.year)
    try:
        for wall in rrulestr(text, dtstart=begin.replace(year=begin.year + shift)):
            if wall.year > last.year + shift:  # beyond, the calendars may differ: 9996 has a day that 2100 lacks
                return
            if (shifted := wall.replace(year=wall.year - shift)) >= first:
                yield shifted
    except ValueError as error:  # dateutil sees by itself that INTERVAL and BYHOUR never meet
        raise BadInput(f"The rule {rule.text} gives no start: {str(error).rstrip('.')}.") from error


def _skip_ahead(rule: Recurrence, first: datetime, after: datetime) -> datetime:
    """``first``, or a time some days before ``after`` that is a whole number of intervals behind it."""
    unit = _UNITS.get(rule.frequency)
    if unit is None or after - first <= _MARGIN:
        return first
    step = unit * rule.interval
    return first + max(0, (after - first - _MARGIN) // step) * step


def _years_to_the_end(begin: int, last: int) -> int:
    """By how many years these may be moved towards 9999, so that the calendar is the same.

    dateutil looks for what a rule never matches up to that year, so it is not to have far to go.
    """
    if begin in _SHORT_YEARS and last in _SHORT_YEARS:
        shift = _CYCLES - -(-(last + _CYCLES - MAXYEAR) // _SHORT_CYCLE) * _SHORT_CYCLE
        if begin + shift >= _LAST_CENTURY:
            return shift
    return (MAXYEAR - last) // _CYCLE * _CYCLE


def _is_beyond(until: date | datetime | None, wall: datetime, zone: tzinfo) -> bool:
    if until is None:
        return False
    if not isinstance(until, datetime):
        return wall.date() > until
    return (wall if until.tzinfo is None else to_instant(wall, zone).at) > until


def _parse_until(text: str) -> date | datetime:
    try:
        if "T" not in text:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007  # a day has no zone
        # %z reads the Z; without it the time is one of the schedule's zone.
        return datetime.strptime(text, "%Y%m%dT%H%M%S%z" if text.endswith("Z") else "%Y%m%dT%H%M%S")  # noqa: DTZ007
    except ValueError as error:
        raise BadInput(f"UNTIL={text} is not usable: there is no such day or time.") from error
