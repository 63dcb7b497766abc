"""Coming starts of everything scheduled as rows, and the span of time that is asked for."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from fleet.deployments.start_calendar import CalendarStart, Meeting, Month
from fleet.errors import BadInput
from fleet.name_lists import some_of
from ops.cli.listing import Column, Listing
from ops.deployments.start_calendar import StartCalendar


def meetings_text(meetings: Iterable[Meeting]) -> str:
    """Which other starts a window meets, and on how many machines: ``db-weekly (3)``."""
    return some_of([f"{meeting.name} ({meeting.machines})" for meeting in meetings], 4)


def _shown_meetings(value: object) -> str:
    return meetings_text(each for each in value if isinstance(each, Meeting)) if isinstance(value, tuple) else ""


_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_COLUMNS = (
    Column("at", "Start in UTC"),
    Column("local", "there"),
    Column("zone"),
    Column("kind", "What"),
    Column("name", "Name"),
    Column("closes_at", "Window ends"),
    Column("machines", "Machines", is_number=True),
    Column("meets", "Meets on the same machines", show=_shown_meetings),
    Column("skipped", "Skipped"),
    Column("moved_from"),
)


def list_calendar(calendar: StartCalendar) -> Listing:
    """A row for each start, the earliest first; columns that say nothing have no heading."""
    says = {
        "meets": any(each.meetings for each in calendar.starts),
        "skipped": any(each.start.skipped for each in calendar.starts),
    }
    columns = tuple(each if says.get(each.name, True) else Column(each.name) for each in _COLUMNS)
    return Listing(columns, [_row(each) for each in calendar.starts])


def span_of_days(now: datetime, days: int) -> tuple[datetime, datetime]:
    """From ``now`` on for so many days."""
    return now, now + timedelta(days=days)


def span_of_month(now: datetime, text: str) -> tuple[datetime, datetime]:
    """The month ``YYYY-MM`` in UTC, without what of it is over.

    Raises:
        BadInput: it is no month, or it is over.
    """
    match = _MONTH.fullmatch(text)
    if match is None:
        raise BadInput(f"{text!r} is no month: write YYYY-MM, for example {now:%Y-%m}.")
    month = Month(int(match[1]), int(match[2]))
    begins, ends = (datetime.combine(day, time(), UTC) for day in (month.first, month.moved(1).first))
    if ends <= now:
        raise BadInput(f"{text} is over: the calendar shows what starts next. What ran is in: deployments history.")
    # A start at midnight is of the day that begins; the one of the month after is not.
    return max(now, begins - timedelta(microseconds=1)), ends - timedelta(microseconds=1)


def _row(each: CalendarStart) -> tuple[object, ...]:
    start = each.start
    names = (start.at, start.local, each.zone, each.kind.value, each.name)
    return (*names, each.closes_at, each.machines, each.meetings, start.skipped, start.moved_from)
