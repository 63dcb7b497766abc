"""The calendar of starts: days, months, and windows that meet on the same machine."""

from datetime import UTC, date, datetime, timedelta

import pytest

from fleet.deployments.occurrences import Start, starts_between
from fleet.deployments.schedule import Schedule
from fleet.deployments.start_calendar import CalendarStart, Meeting, Month, Scheduled, arrange, by_day

_DAY = datetime(2026, 12, 8, tzinfo=UTC)
_MACHINES = {"web": frozenset("abc"), "db": frozenset("cd"), "mail": frozenset("e")}


def _start(name: str, hour: float, minutes: int = 120, *, skipped: str = "") -> CalendarStart:
    at = _DAY + timedelta(hours=hour)
    start = Start(at, f"{at:%H:%M}", skipped=skipped)
    return CalendarStart(Scheduled.DEPLOYMENT, name, "UTC", start, at + timedelta(minutes=minutes))


def test_windows_that_meet_on_a_machine_name_each_other() -> None:
    """Both say whom they meet and on how many machines; without a machine in common nothing is said."""
    web, db, mail = arrange([_start("mail", 3), _start("db", 3), _start("web", 2)], _MACHINES)

    assert web.meetings == (Meeting("db", db.start.at, 1),)
    assert db.meetings == (Meeting("web", web.start.at, 1),)
    assert mail.meetings == ()


@pytest.mark.parametrize(
    "others",
    [
        [_start("db", 4)],
        [_start("db", 3, skipped="in the blackout")],
        [CalendarStart(Scheduled.REPORT, "db", "UTC", _start("db", 3).start, _DAY + timedelta(hours=5))],
        [_start("unknown", 3)],
    ],
    ids=["opens as it closes", "skipped by a blackout", "a report", "machines not known"],
)
def test_windows_that_do_not_meet(others: list[CalendarStart]) -> None:
    """A window is [opens, closes); what takes no machine, and what nobody knows the machines of, meets nothing."""
    assert all(not each.meetings for each in arrange([_start("web", 2), *others], _MACHINES))


def test_deployment_can_meet_itself() -> None:
    """Its window is longer than the time between two starts."""
    first, second = arrange([_start("web", 2, 180), _start("web", 4, 180)], _MACHINES)

    assert first.meetings == (Meeting("web", second.start.at, 3),)
    assert second.meetings == (Meeting("web", first.start.at, 3),)


def test_days_are_those_of_utc() -> None:
    """A start at night in the west is on the next day of the calendar; its own words say its own day."""
    zone = Schedule(datetime(2026, 12, 8, 23), "America/New_York", "FREQ=DAILY")
    (start,) = starts_between(zone, (), _DAY, _DAY + timedelta(days=2) - timedelta(hours=19))
    each = CalendarStart(Scheduled.DEPLOYMENT, "web", zone.time_zone, start, start.at)

    assert list(by_day([each])) == [date(2026, 12, 9)]
    assert start.local == "Tue 2026-12-08 23:00 EST"


def test_change_of_clocks_moves_the_start_in_utc() -> None:
    """02:30 in Berlin: it does not exist on the last Sunday of March, and is an hour earlier in UTC afterwards."""
    berlin = Schedule(datetime(2027, 3, 27, 2, 30), "Europe/Berlin", "FREQ=DAILY")
    begin = datetime(2027, 3, 27, tzinfo=UTC)

    found = starts_between(berlin, (), begin, begin + timedelta(days=3))

    assert [f"{each.at:%d %H:%M}" for each in found] == ["27 01:30", "28 01:00", "29 00:30"]
    assert "does not exist" in found[1].moved_from


@pytest.mark.parametrize(
    ("month", "weeks", "first", "last"),
    [
        (Month(2026, 2), 5, date(2026, 1, 26), date(2026, 3, 1)),
        (Month(2027, 2), 4, date(2027, 2, 1), date(2027, 2, 28)),
    ],
)
def test_weeks_of_a_month_are_whole(month: Month, weeks: int, first: date, last: date) -> None:
    """From Monday to Sunday, with the days of the months beside it; February can have four."""
    assert len(month.weeks) == weeks
    assert (month.weeks[0][0], month.weeks[-1][-1]) == (first, last)


def test_months_go_over_the_year() -> None:
    """One after December is January."""
    assert Month(2026, 12).moved(1) == Month(2027, 1)
    assert Month(2026, 1).moved(-13) == Month(2024, 12)
