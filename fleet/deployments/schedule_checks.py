"""Whether a schedule can be used, said to the administrator who wrote it."""

from dataclasses import replace
from datetime import datetime, timedelta

from fleet.deployments.durations import describe_span
from fleet.deployments.occurrences import next_start, starts_of
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.zones import check_wall_clock, find_zone, local_text, to_instant
from fleet.errors import BadInput

MOST_OFFSET_DAYS = 100
MOST_MISSED_HOURS = 24.0 * 31
_SHORT_NOTICE = timedelta(minutes=5)


def check_schedule_form(schedule: Schedule) -> None:
    """Refuses what is wrong with ``schedule`` at any time; says nothing of whether its starts are over.

    Raises:
        BadInput: an unknown zone, a rule that cannot be read or gives no start in ten years, bounds.
    """
    find_zone(schedule.time_zone)
    check_wall_clock(schedule.first)
    if abs(schedule.offset_days) > MOST_OFFSET_DAYS:
        raise BadInput(f"An offset of {schedule.offset_days} days is not usable: at most {MOST_OFFSET_DAYS}.")
    if not schedule.rule:
        _check_once(schedule)
    _check_missed(schedule)
    if not starts_of(schedule, (), _before(schedule), 1):
        raise BadInput(f"The schedule gives no start: {_why_none(schedule)}.")


def check_schedule(schedule: Schedule, now: datetime) -> tuple[str, ...]:
    """What an administrator should be told of ``schedule``, a sentence each; a schedule without any start is refused.

    For a deployment that is added, or whose schedule is changed: one that has run once is in order, but cannot be
    added again.

    Raises:
        BadInput: as `check_schedule_form`, or there is no start later than ``now``.
    """
    check_schedule_form(schedule)
    upcoming = next_start(schedule, (), now)
    if upcoming is None and not schedule.rule:
        at = to_instant(schedule.first, find_zone(schedule.time_zone)).at
        raise BadInput(f"The only start, {_said(schedule, at)}, lies in the past.")
    if upcoming is None:
        raise BadInput("The schedule has no start any more: all that the rule gives lie in the past.")
    return tuple(sentence for sentence in (_short_notice(upcoming.at, now), _no_match(schedule)) if sentence)


def _check_once(schedule: Schedule) -> None:
    if schedule.offset_days:
        raise BadInput("An offset of days moves the occurrences of a rule, and there is no rule.")
    if schedule.last_day is not None:
        raise BadInput("A last day ends the occurrences of a rule, and there is no rule.")


def _check_missed(schedule: Schedule) -> None:
    hours = schedule.missed_within_hours
    if schedule.missed is MissedStart.RUN_WITHIN and not 0 < hours <= MOST_MISSED_HOURS:
        raise BadInput(f"A missed start is made up for within more than 0 and at most {MOST_MISSED_HOURS:g} hours.")
    if schedule.missed is MissedStart.SKIP and hours:
        raise BadInput("Missed starts are skipped, so there are no hours within which they run.")


def _why_none(schedule: Schedule) -> str:
    if schedule.last_day is None:
        return "nothing matches the rule within ten years"
    endless = replace(schedule, last_day=None)
    return (
        _why_none(endless)
        if not starts_of(endless, (), _before(schedule), 1)
        else "the last day is before the first start"
    )


def _short_notice(at: datetime, now: datetime) -> str:
    if at - now >= _SHORT_NOTICE:
        return ""
    return f"The next start is only {describe_span(at - now)} ahead: there is little time to look at the plan."


def _no_match(schedule: Schedule) -> str:
    """Told, because many expect that the first date counts whatever the rule says, as other calendars have it."""
    first = starts_of(schedule, (), _before(schedule), 1)[0]
    at = to_instant(schedule.first, find_zone(schedule.time_zone)).at
    if first.at == at or schedule.offset_days:
        return ""
    return f"The rule does not match the first date, {_said(schedule, at)}: the first start is {first.local}."


def _said(schedule: Schedule, at: datetime) -> str:
    return local_text(at, find_zone(schedule.time_zone))


def _before(schedule: Schedule) -> datetime:
    return to_instant(schedule.first, find_zone(schedule.time_zone)).at - timedelta(seconds=1)
