"""When scheduled reports are due, and what of a request and a schedule is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.schedule import Schedule
from fleet.errors import BadInput
from fleet.reports.kinds import ReportKind
from fleet.reports.request import ReportRequest, check_request, period_of
from fleet.reports.schedule import (
    ReportSchedule,
    StoredReportSchedule,
    check_report_schedule,
    due_time,
    next_time,
)

MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
WEEKLY = Schedule(datetime(2026, 11, 2, 6, 0), "UTC", "FREQ=WEEKLY;BYDAY=MO")  # noqa: DTZ001  # wall-clock time
REPORT = ReportSchedule("id", "weekly", ReportKind.COMPLIANCE, WEEKLY, channels=("ops",))
STORED = StoredReportSchedule(REPORT, MONDAY - timedelta(days=1))


def test_report_is_due_at_its_time_and_not_again() -> None:
    """Nothing before it was scheduled is due; what was dealt with is not."""
    assert due_time(STORED, MONDAY - timedelta(seconds=1)) is None
    assert due_time(STORED, MONDAY) == MONDAY
    done = replace(STORED, last_due=MONDAY)
    assert due_time(done, MONDAY + timedelta(days=1)) is None
    assert next_time(done, MONDAY) == MONDAY + timedelta(days=7)


def test_of_times_that_were_missed_only_the_newest_is_made_up_for() -> None:
    """A service that was down for weeks makes one report."""
    assert due_time(STORED, MONDAY + timedelta(days=30)) == MONDAY + timedelta(days=28)


def test_disabled_report_is_never_due() -> None:
    """And has no next time."""
    off = replace(STORED, schedule=replace(REPORT, is_enabled=False))
    assert due_time(off, MONDAY) is None
    assert next_time(off, MONDAY) is None


@given(st.lists(st.integers(0, 60 * 24 * 40), min_size=1, max_size=30), st.integers(-3 * 24 * 60, 3 * 24 * 60))
def test_each_time_is_dealt_with_once_however_the_clock_goes(minutes: list[int], shift: int) -> None:
    """Looks at any times, in any order, with a clock that is set: no time twice, and never backwards."""
    stored, made = STORED, []
    for number, minute in enumerate(minutes):
        now = STORED.changed_at + timedelta(minutes=minute + (shift if number % 2 else 0))
        if (due := due_time(stored, now)) is not None:
            made.append(due)
            stored = replace(stored, last_due=due)
    assert made == sorted(set(made))
    assert all(at <= STORED.changed_at + timedelta(days=44) for at in made)


def test_time_that_a_change_of_clocks_leaves_out_is_made_once() -> None:
    """02:30 in Berlin on the last Sunday of March is moved, and made once."""
    daily = Schedule(datetime(2026, 3, 27, 2, 30), "Europe/Berlin", "FREQ=DAILY")  # noqa: DTZ001  # wall-clock time
    begin = datetime(2026, 3, 27, tzinfo=UTC)
    stored = StoredReportSchedule(replace(REPORT, schedule=daily), begin)
    made = []
    for hour in range(24 * 5):
        if (due := due_time(stored, begin + timedelta(hours=hour))) is not None:
            made.append(due)
            stored = replace(stored, last_due=due)
    assert len(made) == len(set(made)) == 5


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "../up"}, "Name"),
        ({"channels": ()}, "Nobody"),
        ({"formats": ()}, "format"),
        ({"folder": "reports"}, "whole path"),
        ({"days": 7}, "one instant"),
        ({"kind": ReportKind.PATCH_LATENCY, "days": 9999}, "9999 days"),
        ({"targets": ("x",) * 101}, "too many"),
        ({"schedule": replace(WEEKLY, rule="FREQ=SECONDLY")}, "FREQ"),
        ({"schedule": replace(WEEKLY, time_zone="Mars/North")}, "Mars"),
    ],
)
def test_schedule_that_cannot_work_is_refused(change: dict[str, object], said: str) -> None:
    """With what is wrong."""
    with pytest.raises(BadInput, match=said):
        check_report_schedule(replace(REPORT, **change))  # type: ignore[arg-type]


def test_period_ends_with_its_instant_and_is_as_long_as_is_usual() -> None:
    """Nothing of the time after the instant is in it; the last second is whole."""
    then = datetime(2026, 11, 20, 12, 0, 0, 5, tzinfo=UTC)
    period = period_of(ReportRequest(ReportKind.CHANGE_RECORD, as_of=then, until=MONDAY), MONDAY)

    assert (period.since, period.until) == (then - timedelta(days=30), then)
    assert (period.since_text, period.until_text) == ("2026-10-21T12:00:00Z", "2026-11-20T12:00:01Z")


@pytest.mark.parametrize(
    ("request_", "now"),
    [
        (ReportRequest(ReportKind.COMPLIANCE, as_of=datetime.min.replace(tzinfo=UTC)), MONDAY),
        (ReportRequest(ReportKind.PATCH_LATENCY, until=datetime.min.replace(tzinfo=UTC)), MONDAY),
        (ReportRequest(ReportKind.PATCH_LATENCY, since=datetime(400, 12, 1, tzinfo=UTC)), MONDAY),
        (ReportRequest(ReportKind.COMPLIANCE), datetime.min.replace(tzinfo=UTC)),
        (ReportRequest(ReportKind.PATCH_LATENCY), datetime.max.replace(tzinfo=UTC)),
    ],
)
def test_time_at_the_ends_of_the_calendar_is_refused(request_: ReportRequest, now: datetime) -> None:
    """A period before it or behind it could not be told."""
    with pytest.raises(BadInput, match="give a time from 1970 to 9000"):
        check_request(request_, now)
