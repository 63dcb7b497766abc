"""The events of a calendar as blackouts: recurring ones unfolded, moved and removed ones heeded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from icalendar.cal.component import Component

from fleet.deployments.recurrence import occurrences, parse_rule
from fleet.deployments.schedule import Blackout
from fleet.deployments.zones import to_instant
from fleet.errors import BadInput
from fleet.hostile import clean, clean_name

# What decides when an event is; anything else in it may be as broken as it likes.
_DECISIVE = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "STATUS")
_YEARS = range(1900, 2201)  # outside of them no zone says what a time means
_LONGEST = timedelta(days=3660)
_MOST_ROUNDS = 100_000  # of a rule that began long ago


@dataclass(frozen=True, slots=True)
class _Event:
    """One VEVENT. ``first`` is wall-clock time in ``zone``; an all-day event lasts whole days, others exact time."""

    name: str
    uid: str
    first: datetime
    zone: tzinfo
    is_all_day: bool
    lasts: timedelta
    rules: tuple[str, ...]
    added: tuple[date, ...]
    removed: tuple[date, ...]
    replaces: date | None
    is_cancelled: bool


def expand_events(
    events: Sequence[Component], zone: ZoneInfo, since: datetime, until: datetime, most: int
) -> list[Blackout]:
    """The blackouts of ``events``; recurring ones only between ``since`` and ``until``.

    Raises:
        BadInput: an event cannot be read, or there are more than ``most``.
    """
    read = [_read(event, zone) for event in events]
    moved = {(event.uid, _instant(event.replaces, event, zone)) for event in read if event.replaces is not None}
    blackouts: list[Blackout] = []
    for event in read:
        for blackout in () if event.is_cancelled else _unfold(event, zone, since, until):
            if event.replaces is None and (event.uid, blackout.starts_at) in moved:
                continue
            blackouts.append(blackout)
            if len(blackouts) > most:
                raise BadInput(f"it gives more than {most:,} blackouts within ten years.")
    return blackouts


def _read(event: Component, zone: ZoneInfo) -> _Event:
    name = clean_name(str(event.get("SUMMARY", ""))) or clean_name(str(event.get("UID", ""))) or "without a name"
    try:
        return _parse(event, name, zone)
    except BadInput as error:
        raise BadInput(f"event {name!r}: {error}") from error
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError) as error:
        # icalendar keeps what it cannot read and raises one of these when it is used.
        raise BadInput(f"event {name!r} cannot be read: {clean(str(error), 200).rstrip('.')}.") from error


def _parse(event: Component, name: str, zone: ZoneInfo) -> _Event:
    for prop, reason in event.errors:
        if str(prop).upper() in _DECISIVE:
            raise BadInput(f"its {prop} cannot be read: {clean(str(reason), 200).rstrip('.')}.")
    start = _single(event, "DTSTART")
    if start is None:
        raise BadInput("it has no DTSTART.")
    replaces = _single(event, "RECURRENCE-ID")
    if replaces is not None and "RANGE" in event["RECURRENCE-ID"].params:
        raise BadInput("it changes all later ones at once (RANGE), which is not read: write a new event instead.")
    begins, event_zone = _wall(start, zone)
    parsed = _Event(
        name=name,
        uid=str(event.get("UID", "")) or f"no uid {id(event)}",
        first=begins,
        zone=event_zone,
        is_all_day=not isinstance(start, datetime),
        lasts=timedelta(0),
        rules=tuple(rule.to_ical().decode() for rule in _all(event, "RRULE")),
        added=tuple(_dates(event, "RDATE")),
        removed=tuple(_dates(event, "EXDATE")),
        replaces=replaces,
        is_cancelled=str(event.get("STATUS", "")).upper() == "CANCELLED",
    )
    for rule in parsed.rules:
        parse_rule(rule)
    return replace(parsed, lasts=_lasts(event, start, zone))


def _lasts(event: Component, start: date, zone: ZoneInfo) -> timedelta:
    end, duration = _single(event, "DTEND"), _single(event, "DURATION")
    if end is None and duration is None:
        if isinstance(start, datetime):
            raise BadInput("it has no DTEND and no DURATION, so it is unknown how long it lasts.")
        return timedelta(days=1)
    if isinstance(end, date) and isinstance(end, datetime) != isinstance(start, datetime):
        raise BadInput("one of its DTSTART and DTEND is a day, the other a time.")
    if isinstance(end, datetime):
        lasts = _to_utc(*_wall(end, zone)) - _to_utc(*_wall(start, zone))
    else:
        lasts = duration if end is None else end - start
    if not isinstance(lasts, timedelta) or lasts <= timedelta(0):
        raise BadInput("it ends before it begins.")
    if lasts > _LONGEST:
        raise BadInput("it lasts longer than ten years.")
    return lasts


def _unfold(event: _Event, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Blackout]:
    recurs = bool(event.rules or event.added)
    removed = {_instant(gone, event, zone) for gone in event.removed}
    removed_days = {gone for gone in event.removed if not isinstance(gone, datetime)}
    for wall, wall_zone in _walls(event, zone, since, until):
        starts_at = _to_utc(wall, wall_zone)
        ends_at = _to_utc(wall + event.lasts, wall_zone) if event.is_all_day else starts_at + event.lasts
        is_in_range = not recurs or (ends_at > since and starts_at < until)
        if is_in_range and starts_at not in removed and wall.date() not in removed_days:
            yield Blackout(starts_at, ends_at, event.name)


def _walls(event: _Event, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[tuple[datetime, tzinfo]]:
    """Each beginning once; DTSTART is one whether a rule matches it or not, as RFC 5545 has it."""
    seen = {event.first}
    yield event.first, event.zone
    last = until.astimezone(event.zone).replace(tzinfo=None)
    after = since.astimezone(event.zone).replace(tzinfo=None) - event.lasts
    for text in event.rules:
        rule = parse_rule(text)
        walls = occurrences(rule, event.first, event.zone, after)
        for number, wall in enumerate(takewhile(lambda wall: wall <= last, walls)):
            if number > _MOST_ROUNDS:
                raise BadInput(f"event {event.name!r} recurs too often.")
            if wall not in seen:
                seen.add(wall)
                yield wall, event.zone
    for added in event.added:
        yield _wall(added, zone) if isinstance(added, datetime) else (_wall(added, zone)[0], event.zone)


def _instant(moment: date | None, event: _Event, zone: ZoneInfo) -> datetime | None:
    if moment is None:
        return None
    wall, wall_zone = _wall(moment, zone)
    floats = not isinstance(moment, datetime) or moment.tzinfo is None
    return _to_utc(wall, event.zone if floats else wall_zone)


def _wall(moment: date, zone: ZoneInfo) -> tuple[datetime, tzinfo]:
    """A time of an event as a wall-clock time and its zone; what has none is of ``zone``."""
    if not isinstance(moment, datetime):
        return datetime(moment.year, moment.month, moment.day), zone  # noqa: DTZ001  # a wall-clock time
    return moment.replace(tzinfo=None), moment.tzinfo or zone


def _to_utc(wall: datetime, zone: tzinfo) -> datetime:
    return to_instant(wall, zone).at


# Any: icalendar's properties are of many classes, and those of one name are one or a list of them.
def _all(event: Component, name: str) -> list[Any]:
    found = event.get(name)
    return [] if found is None else found if isinstance(found, list) else [found]


def _single(event: Component, name: str) -> Any:
    found = _all(event, name)
    if len(found) > 1:
        raise BadInput(f"it has more than one {name}.")
    return _known_zone(found[0], found[0].dt) if found else None


def _dates(event: Component, name: str) -> Iterator[date]:
    for values in _all(event, name):
        for value in values.dts:
            moment = _known_zone(values, value.dt)
            if isinstance(moment, tuple):
                raise BadInput(f"its {name} has periods, which are not read: write events instead.")
            yield moment


def _known_zone(prop: Any, moment: Any) -> Any:
    """``moment``, unless its property names a zone that is nowhere defined; icalendar takes that for no zone."""
    if isinstance(moment, date) and moment.year not in _YEARS:
        raise BadInput(f"the year {moment.year} is not between {_YEARS[0]} and {_YEARS[-1]}.")
    if isinstance(moment, datetime) and moment.tzinfo is None and prop.params.get("TZID"):
        raise BadInput(f"its time zone {clean_name(str(prop.params['TZID']))!r} is neither known nor in the file.")
    return moment
