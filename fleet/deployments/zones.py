"""Wall-clock times in a time zone, and the instants that they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, available_timezones

from fleet.errors import BadInput, UnknownName

_SECOND = timedelta(seconds=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# What these mean changes with the console's own settings, or they count leap seconds.
_UNSTABLE = ("localtime", "Factory", "posix/", "right/")


@dataclass(frozen=True, slots=True)
class Instant:
    """When a wall-clock time is, in UTC. ``moved_from`` says why it is not at that time; empty where it is."""

    at: datetime
    moved_from: str = ""


def find_zone(name: str) -> ZoneInfo:
    """The IANA time zone ``name`` (``Europe/Berlin``, ``UTC``), spelt exactly so.

    Raises:
        UnknownName: there is none; the message offers the nearest.
    """
    try:
        if name and not name.startswith(_UNSTABLE):
            return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: the name of a folder, such as Europe
        pass
    raise UnknownName("time zone", name[:100], _zone_names())


def to_instant(wall: datetime, zone: tzinfo) -> Instant:
    """When the naive ``wall`` is in ``zone``.

    A time that a change of clocks leaves out moves to the first instant after the gap; of one that exists twice it is
    the first.
    """
    early, late = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if early.astimezone(zone).replace(tzinfo=None) == wall.replace(fold=0):
        return Instant(early)
    # In a gap the offset before the change leads behind it, the one after the change before it.
    at = _find_change(min(early, late), max(early, late), zone)
    landed = at.astimezone(zone)
    same_day = landed.date() == wall.date()
    to = f"{landed:%H:%M}" if same_day else f"{landed:%Y-%m-%d %H:%M}"
    return Instant(at, f"{wall:%H:%M} does not exist on {wall:%Y-%m-%d} in {zone}: moved to {to}")


def local_text(at: datetime, zone: ZoneInfo) -> str:
    """``at`` as people in ``zone`` write it: ``Tue 2026-12-08 02:30 CET``; seconds only where there are any."""
    local = at.astimezone(zone)
    seconds = f":{local.second:02}" if local.second else ""
    return f"{_WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M}{seconds} {local:%Z}"


def check_wall_clock(wall: datetime) -> datetime:
    """A wall-clock time as a schedule has it: without zone, whole seconds, in a year that zones are known for.

    Raises:
        BadInput: it is not one.
    """
    if wall.tzinfo is not None:
        raise BadInput(
            f"{wall.isoformat()} has an offset: write the time without it, the time zone says what it means."
        )
    if wall.microsecond:
        raise BadInput(f"{wall.isoformat()} is no start: write whole seconds.")
    if not 1970 <= wall.year <= 2200:
        raise BadInput(f"{wall.isoformat()} is no start: its year is not between 1970 and 2200.")
    return wall


def _find_change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The first instant in (``before``, ``after``] with the offset that holds at ``after``, to the second."""
    wanted = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        if middle.astimezone(zone).utcoffset() == wanted:
            after = middle
        else:
            before = middle
    return after


def _zone_names() -> Iterable[str]:
    return (name for name in available_timezones() if not name.startswith(_UNSTABLE))
