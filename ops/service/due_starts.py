"""Which starts of a schedule are made now, and what is said of those that are not. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.deployments.occurrences import (
    ON_TIME,
    MissedDecision,
    Start,
    judge_all_missed,
    missed_starts,
    starts_of,
)
from fleet.deployments.schedule import Blackout, Schedule

# Of the starts that a long pre-download brings forward; more than one at a time is a schedule that overlaps itself.
_MOST_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, and how much time has truly passed since starts were last looked for; None: this is the first look.

    A clock that is set forward makes starts look late that are not: nobody was away.
    """

    now: datetime
    passed: timedelta | None = None


@dataclass(frozen=True, slots=True)
class StartDecision:
    """What is done about a start: a run whose window opens at ``opens_at``, or None and ``why`` not."""

    start: Start
    opens_at: datetime | None
    why: str


def decide_starts(
    schedule: Schedule, blackouts: Sequence[Blackout], since: datetime, moment: Moment, lead: timedelta
) -> tuple[StartDecision, ...]:
    """Each start later than ``since`` whose time has come, oldest first, then those whose window opens within ``lead``.

    A start that is made up for opens its window now, one that is on time when it was due.

    Raises:
        BadInput: the schedule cannot be used.
    """
    return (*_decide_past(schedule, blackouts, since, moment), *_decide_ahead(schedule, blackouts, moment.now, lead))


def next_due(schedule: Schedule, after: datetime, lead: timedelta) -> datetime | None:
    """When something is to be decided after ``after``; those in blackouts are to be told of, too.

    Raises:
        BadInput: the schedule cannot be used.
    """
    coming = starts_of(schedule, (), after, 1)
    if not coming:
        return None
    early = coming[0].at - lead
    return early if early > after else coming[0].at


def _decide_past(
    schedule: Schedule, blackouts: Sequence[Blackout], since: datetime, moment: Moment
) -> list[StartDecision]:
    past = missed_starts(schedule, blackouts, since, moment.now)
    newest = max((start.at for start in past if not start.skipped), default=None)
    seen_at = moment.now
    if newest is not None and moment.passed is not None:
        seen_at = min(moment.now, newest + moment.passed)
    return [
        StartDecision(
            verdict.start,
            _window_of(verdict.start, moment.now) if verdict.decision is MissedDecision.RUN else None,
            verdict.why,
        )
        for verdict in judge_all_missed(schedule, past, seen_at)
    ]


def _decide_ahead(
    schedule: Schedule, blackouts: Sequence[Blackout], now: datetime, lead: timedelta
) -> list[StartDecision]:
    if lead <= timedelta(0):
        return []
    return [
        StartDecision(start, start.at, "on time")
        for start in starts_of(schedule, blackouts, now, _MOST_AHEAD)
        if start.at <= now + lead and not start.skipped
    ]


def _window_of(start: Start, now: datetime) -> datetime:
    return start.at if now - start.at <= ON_TIME else now
