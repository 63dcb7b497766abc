"""The starts of a schedule: when they are, which a blackout skips, and what is done about those that were missed."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from fleet.deployments.durations import describe_span
from fleet.deployments.recurrence import occurrences, parse_rule
from fleet.deployments.schedule import Blackout, MissedStart, Schedule
from fleet.deployments.zones import check_wall_clock, find_zone, local_text, to_instant

# A start that the service comes to a little late was not missed: it looks every few seconds, and restarts in minutes.
ON_TIME = timedelta(minutes=5)
MOST_BETWEEN = 2_000  # an hourly schedule has so many in a quarter
MOST_MISSED = 1_000  # the newest: an hourly schedule has so many in six weeks


@dataclass(frozen=True, slots=True)
class Start:
    """One start, in UTC; ``local`` is the same in words of the schedule's zone.

    ``moved_from`` says which wall-clock time a change of clocks left out, ``skipped`` which blackout takes it away;
    both are empty for an ordinary start.
    """

    at: datetime
    local: str
    moved_from: str = ""
    skipped: str = ""


class MissedDecision(Enum):
    """What is done about a start whose time has come."""

    RUN = auto()
    SKIP = auto()


@dataclass(frozen=True, slots=True)
class MissedVerdict:
    """The decision on one start, and why, in words to be shown."""

    start: Start
    decision: MissedDecision
    why: str


def starts_of(schedule: Schedule, blackouts: Sequence[Blackout], after: datetime, limit: int) -> tuple[Start, ...]:
    """The next ``limit`` starts later than ``after``, in order; those that a blackout skips are among them and say so.

    The rule is read on wall-clock time in the schedule's zone from ``first`` on. ``first`` is a start only where the
    rule matches it. Each occurrence is moved by ``offset_days`` on the calendar, and only then looked up in the zone:
    see `fleet.deployments.zones.to_instant` for the changes of clocks. A start that would lie before ``first`` (by a
    negative offset) is none. Two occurrences that a gap moves to the same instant are one start. What lies more than
    ten years behind ``after`` is not looked for.

    Raises:
        BadInput: the zone, the rule or the first date cannot be used.
    """
    return tuple(islice(_starts(schedule, blackouts, after), limit))


def next_start(schedule: Schedule, blackouts: Sequence[Blackout], after: datetime) -> Start | None:
    """The first start later than ``after`` that no blackout skips; None where there is none within ten years.

    Raises:
        BadInput: the zone, the rule or the first date cannot be used.
    """
    return next((start for start in _starts(schedule, blackouts, after) if not start.skipped), None)


def starts_between(
    schedule: Schedule, blackouts: Sequence[Blackout], after: datetime, until: datetime
) -> tuple[Start, ...]:
    """The starts in (``after``, ``until``], in order, those that a blackout skips too; of very many the first.

    Raises:
        BadInput: the zone, the rule or the first date cannot be used.
    """
    coming = takewhile(lambda start: start.at <= until, _starts(schedule, blackouts, after))
    return tuple(islice(coming, MOST_BETWEEN))


def missed_starts(
    schedule: Schedule, blackouts: Sequence[Blackout], since: datetime, now: datetime
) -> tuple[Start, ...]:
    """The starts in (``since``, ``now``], oldest first, those that a blackout skips too; of very many the newest.

    Raises:
        BadInput: the zone, the rule or the first date cannot be used.
    """
    due = takewhile(lambda start: start.at <= now, _starts(schedule, blackouts, since))
    return tuple(deque(due, maxlen=MOST_MISSED))


def judge_missed(schedule: Schedule, start: Start, now: datetime) -> MissedVerdict:
    """Whether ``start``, whose time has come at ``now``, is still made.

    One in a blackout is not; one within `ON_TIME` is; a later one as the schedule's policy says.
    """
    late = now - start.at
    if start.skipped:
        return MissedVerdict(start, MissedDecision.SKIP, start.skipped)
    if late <= ON_TIME:
        return MissedVerdict(start, MissedDecision.RUN, "on time")
    if schedule.missed is MissedStart.SKIP:
        return MissedVerdict(start, MissedDecision.SKIP, f"missed {describe_span(late)} ago, missed starts are skipped")
    allowed = timedelta(hours=schedule.missed_within_hours)
    if late <= allowed:
        return MissedVerdict(start, MissedDecision.RUN, f"made up for {describe_span(late)} late")
    why = f"missed {describe_span(late)} ago, made up for within {describe_span(allowed)} only"
    return MissedVerdict(start, MissedDecision.SKIP, why)


def judge_all_missed(schedule: Schedule, starts: Sequence[Start], now: datetime) -> tuple[MissedVerdict, ...]:
    """`judge_missed` for several, oldest first: only the newest that no blackout skips can still be made."""
    newest = max((start.at for start in starts if not start.skipped), default=None)
    return tuple(
        judge_missed(schedule, start, now)
        if start.skipped or start.at == newest
        else MissedVerdict(start, MissedDecision.SKIP, "a newer start came before this one could be made")
        for start in starts
    )


def _starts(schedule: Schedule, blackouts: Sequence[Blackout], after: datetime) -> Iterator[Start]:
    check_wall_clock(schedule.first)
    zone = find_zone(schedule.time_zone)
    last_at = after
    for wall in _moved_walls(schedule, zone, after.astimezone(zone).replace(tzinfo=None, fold=0)):
        if schedule.last_day is not None and wall.date() > schedule.last_day:
            return
        instant = to_instant(wall, zone)
        if instant.at <= last_at:
            continue
        last_at = instant.at
        yield Start(instant.at, local_text(instant.at, zone), instant.moved_from, _blackout_at(instant.at, blackouts))


def _moved_walls(schedule: Schedule, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """The wall-clock times of starts: occurrences and their offset."""
    offset = timedelta(days=schedule.offset_days)
    walls: Iterator[datetime]
    if schedule.rule:
        walls = occurrences(parse_rule(schedule.rule), schedule.first, zone, after - offset)
    else:
        walls = iter((schedule.first,))
    return (moved for wall in walls if (moved := wall + offset) >= schedule.first)


def _blackout_at(at: datetime, blackouts: Sequence[Blackout]) -> str:
    for blackout in blackouts:
        if blackout.starts_at <= at < blackout.ends_at:
            named = f" {blackout.summary!r}" if blackout.summary else ""
            return f"in the blackout{named} until {blackout.ends_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
    return ""
