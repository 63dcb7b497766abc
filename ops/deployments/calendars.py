"""Blackouts from an iCalendar file: every event in it is a time in which nothing starts.

Nothing is left out in silence: an event that cannot be read refuses the whole file, because a freeze that is not seen
is a deployment in the middle of it.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fleet.deployments.schedule import Blackout
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput
from fleet.hostile import clean
from ops.deployments.given_files import read_at_most
from ops.state.audit import utc_now

if TYPE_CHECKING:  # it takes 0.3 s to load
    from icalendar.cal.component import Component

# A year of public holidays of all German states has 30 kB; icalendar reads about 1 MB a second.
MOST_BYTES = 1_000_000
MOST_EVENTS = 5_000
MOST_RECURRING = 200  # a rule that matches nothing takes some 30 ms to be read to its end
MOST_BLACKOUTS = 20_000
_LOOK_BACK = timedelta(days=400)  # missed starts are asked for with blackouts that are over
_LOOK_AHEAD = timedelta(
    days=8 * 366
)  # with the look back, and a year that an event lasts, within what rules are read for


class _HasEvents(Protocol):
    def walk(self, name: str) -> "list[Component]": ...


def read_blackouts(path: str, time_zone: str, since: datetime | None = None) -> tuple[Blackout, ...]:
    """The events of the file at ``path`` as blackouts, by start.

    All-day events and times without a zone are of ``time_zone``. Events that recur are given from 400 days before
    ``since`` (None: now) to eight years after it. A cancelled event is none; one that is marked as free is one, as
    holidays are.

    Raises:
        BadInput: the file is missing, too large or no calendar; or an event cannot be read: names it.
    """
    zone = find_zone(time_zone).key
    content = _read(Path(path).expanduser())
    try:
        return _parse(content, zone, (since or utc_now()).astimezone(UTC).date())
    except BadInput as error:
        raise BadInput(f"Calendar {path}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        content = read_at_most(path, MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise BadInput(f"Cannot read the calendar {clean(str(path))}: {reason}.") from error
    if len(content) > MOST_BYTES:
        raise BadInput(f"Calendar {path}: it is larger than {MOST_BYTES:,} bytes, which is too large for blackouts.")
    return content


@lru_cache(maxsize=16)  # many deployments name one calendar; the content is the key, so that a change is seen at once
def _parse(content: bytes, time_zone: str, day: date) -> tuple[Blackout, ...]:
    from ops.deployments.calendar_events import expand_events

    events = [event for calendar in _calendars(content) for event in calendar.walk("VEVENT")]
    if len(events) > MOST_EVENTS:
        raise BadInput(f"it has {len(events):,} events, and at most {MOST_EVENTS:,} are read.")
    recurring = sum("RRULE" in event for event in events)
    if recurring > MOST_RECURRING:
        raise BadInput(f"{recurring:,} of its events recur, and at most {MOST_RECURRING} are read.")
    today = datetime(day.year, day.month, day.day, tzinfo=UTC)
    blackouts = expand_events(events, find_zone(time_zone), today - _LOOK_BACK, today + _LOOK_AHEAD, MOST_BLACKOUTS)
    return tuple(sorted(blackouts, key=lambda blackout: (blackout.starts_at, blackout.ends_at, blackout.summary)))


def _calendars(content: bytes) -> list[_HasEvents]:
    from icalendar import Calendar

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"it is not UTF-8: byte {error.start + 1} cannot be read.") from error
    if "\0" in text:
        raise BadInput("it is no iCalendar file: it has NUL bytes.")
    if not text.lstrip().upper().startswith("BEGIN:VCALENDAR"):
        raise BadInput("it is no iCalendar file: it does not begin with BEGIN:VCALENDAR.")
    try:
        found = Calendar.from_ical(text.encode(), multiple=True)
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError) as error:
        # All but ValueError are what icalendar 7.3 lets through for texts that nobody would write.
        raise BadInput(f"it is no iCalendar file: {clean(str(error), 200).rstrip('.')}.") from error
    if not found or any(component.name != "VCALENDAR" for component in found):
        raise BadInput("it is no whole iCalendar file: END:VCALENDAR is missing, or something stands outside.")
    if text.upper().count("BEGIN:VEVENT") != text.upper().count("END:VEVENT"):
        raise BadInput("it is no whole iCalendar file: an event has no end.")
    return list(found)
