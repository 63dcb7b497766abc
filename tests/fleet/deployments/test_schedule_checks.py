"""Schedules that an administrator gets refused, or is told something of."""

from datetime import UTC, date, datetime

import pytest

from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.schedule_checks import check_schedule, check_schedule_form
from fleet.errors import BadInput

_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_FIRST = datetime(2026, 12, 8, 2, 30)


def _schedule(rule: str = "", first: datetime = _FIRST, zone: str = "Europe/Berlin", **more: object) -> Schedule:
    return Schedule(first, zone, rule, **more)  # type: ignore[arg-type]  # the fields of a schedule


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (_schedule(zone="Europe/Berlni"), "Did you mean 'Europe/Berlin'"),
        (_schedule(first=datetime(2026, 11, 20, 12, 59)), "The only start, Fri 2026-11-20 12:59 CET, lies in the past"),
        (_schedule("FREQ=DAILY;COUNT=3", datetime(2026, 1, 1, 2)), "no start any more"),
        (_schedule("FREQ=DAILY", last_day=date(2026, 12, 7)), "the last day is before the first start"),
        (_schedule("FREQ=DAILY", datetime(2026, 1, 1, 2), last_day=date(2026, 11, 19)), "no start any more"),
        (_schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), "nothing matches the rule within ten years"),
        (_schedule(first=_FIRST.replace(tzinfo=UTC)), "without it"),
        (_schedule(first=_FIRST.replace(microsecond=1)), "whole seconds"),
        (_schedule(first=_FIRST.replace(year=9999)), "between 1970 and 2200"),
        (_schedule(offset_days=3), "there is no rule"),
        (_schedule(last_day=date(2027, 1, 1)), "there is no rule"),
        (_schedule("FREQ=DAILY", offset_days=101), "at most 100"),
        (_schedule(missed=MissedStart.RUN_WITHIN), "more than 0"),
        (_schedule(missed=MissedStart.RUN_WITHIN, missed_within_hours=float("nan")), "more than 0"),
        (_schedule(missed_within_hours=4.0), "no hours"),
    ],
)
def test_schedule_that_cannot_work_is_refused(schedule: Schedule, words: str) -> None:
    """One line says what is wrong."""
    with pytest.raises(BadInput) as raised:
        check_schedule(schedule, _NOW)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_schedule_that_is_over_is_in_order_in_itself() -> None:
    """A deployment that has run once can be changed in other ways."""
    check_schedule_form(_schedule(first=datetime(2020, 1, 1, 2)))


def test_ordinary_schedule_needs_no_word() -> None:
    """Nothing to tell of a schedule that does what it seems to do."""
    assert check_schedule(_schedule(), _NOW) == ()
    assert check_schedule(_schedule("FREQ=MONTHLY;BYDAY=2TU", offset_days=3), _NOW) == ()
    assert check_schedule(_schedule("FREQ=DAILY", datetime(2020, 1, 1, 2)), _NOW) == ()


def test_start_within_minutes_is_allowed_and_told() -> None:
    """An administrator in a hurry may; the notice says how short it is."""
    (told,) = check_schedule(_schedule(first=datetime(2026, 11, 20, 13, 3)), _NOW)
    assert "only 3 min ahead" in told


def test_first_date_beside_the_rule_is_told() -> None:
    """Other calendars would run on the first date: say that this one does not, and when it does."""
    (told,) = check_schedule(_schedule("FREQ=MONTHLY;BYDAY=2TU", datetime(2026, 12, 1, 2, 30)), _NOW)
    assert told == (
        "The rule does not match the first date, Tue 2026-12-01 02:30 CET: the first start is Tue 2026-12-08 02:30 CET."
    )
