"""Starts of schedules: rules, zones, offsets, blackouts, and what becomes of those that were missed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fleet.deployments.occurrences import (
    MOST_MISSED,
    MissedDecision,
    judge_all_missed,
    judge_missed,
    missed_starts,
    next_start,
    starts_of,
)
from fleet.deployments.recurrence import HORIZON
from fleet.deployments.schedule import Blackout, MissedStart, Schedule
from fleet.errors import BadInput

_LONG_AGO = datetime(1980, 1, 1, tzinfo=UTC)
_FIRST = datetime(2026, 12, 8, 2, 30)  # the second Tuesday
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def _schedule(rule: str = "", first: datetime = _FIRST, zone: str = "UTC", **more: object) -> Schedule:
    return Schedule(first, zone, rule, **more)  # type: ignore[arg-type]  # the fields of a schedule


def _days(schedule: Schedule, limit: int = 4, blackouts: Sequence[Blackout] = ()) -> list[str]:
    return [start.local[4:14] for start in starts_of(schedule, blackouts, _LONG_AGO, limit)]


def _utc(schedule: Schedule, after: datetime, limit: int) -> list[str]:
    return [f"{start.at:%m-%d %H:%M}" for start in starts_of(schedule, (), after, limit)]


def test_schedule_without_rule_starts_once() -> None:
    """Once is once, in the zone's winter time."""
    assert _utc(_schedule(zone=BERLIN), _LONG_AGO, 9) == ["12-08 01:30"]


@pytest.mark.parametrize(
    ("zone", "first", "around", "expected"),
    [
        (BERLIN, datetime(2027, 3, 26, 2, 30), date(2027, 3, 26), ["01:30", "01:30", "01:00", "00:30", "00:30"]),
        (BERLIN, datetime(2027, 10, 29, 2, 30), date(2027, 10, 29), ["00:30", "00:30", "00:30", "01:30", "01:30"]),
        (NEW_YORK, datetime(2027, 3, 12, 2, 30), date(2027, 3, 12), ["07:30", "07:30", "07:00", "06:30", "06:30"]),
        (NEW_YORK, datetime(2027, 11, 5, 2, 30), date(2027, 11, 5), ["06:30", "06:30", "07:30", "07:30", "07:30"]),
        (NEW_YORK, datetime(2027, 11, 5, 1, 30), date(2027, 11, 5), ["05:30", "05:30", "05:30", "06:30", "06:30"]),
    ],
)
def test_nightly_start_keeps_its_wall_clock_time_over_both_changes(
    zone: str, first: datetime, around: date, expected: list[str]
) -> None:
    """02:30 each night: once in the night of each change, at the first instant after the gap, the first of two."""
    starts = starts_of(_schedule("FREQ=DAILY", first, zone), (), _LONG_AGO, 5)
    assert [f"{start.at:%H:%M}" for start in starts] == expected
    assert [start.at.astimezone(ZoneInfo(zone)).date() for start in starts] == [
        around + timedelta(days=number) for number in range(5)
    ]


def test_moved_start_says_so() -> None:
    """Only the start in the gap is marked."""
    starts = starts_of(_schedule("FREQ=DAILY", datetime(2027, 3, 27, 2, 30), BERLIN), (), _LONG_AGO, 3)
    assert [bool(start.moved_from) for start in starts] == [False, True, False]
    assert starts[1].local == "Sun 2027-03-28 03:00 CEST"


def test_two_occurrences_in_one_instant_are_one_start() -> None:
    """Hourly starts over the spring change: 02:00 and 03:00 are the same instant."""
    hourly = _schedule("FREQ=HOURLY", datetime(2027, 3, 28, 0, 0), BERLIN)
    assert _utc(hourly, _LONG_AGO, 4) == ["03-27 23:00", "03-28 00:00", "03-28 01:00", "03-28 02:00"]


def test_half_an_hour_of_lord_howe() -> None:
    """Its clocks change by 30 minutes: 02:15 moves to 02:30."""
    starts = starts_of(_schedule("FREQ=DAILY", datetime(2027, 10, 2, 2, 15), "Australia/Lord_Howe"), (), _LONG_AGO, 3)
    assert [start.local[15:20] for start in starts] == ["02:15", "02:30", "02:15"]


@pytest.mark.parametrize(
    ("rule", "first", "offset", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=2TU", _FIRST, 3, ["2026-12-11", "2027-01-15", "2027-02-12", "2027-03-12"]),
        ("FREQ=MONTHLY;BYDAY=-1TU", _FIRST, 3, ["2027-01-01", "2027-01-29", "2027-02-26", "2027-04-02"]),
        ("FREQ=MONTHLY;BYDAY=2TU", _FIRST, -9, ["2027-01-03", "2027-01-31", "2027-02-28", "2027-04-04"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", _FIRST, 0, ["2026-12-31", "2027-01-31", "2027-02-28", "2027-03-31"]),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            datetime(2028, 1, 1),
            1,
            ["2028-02-01", "2028-03-01", "2028-04-01", "2028-05-01"],
        ),
        ("FREQ=MONTHLY", datetime(2026, 12, 31, 2), 0, ["2026-12-31", "2027-01-31", "2027-03-31", "2027-05-31"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH", _FIRST, 0, ["2026-12-08", "2026-12-10", "2026-12-15", "2026-12-17"]),
        ("FREQ=WEEKLY;INTERVAL=2", _FIRST, 0, ["2026-12-08", "2026-12-22", "2027-01-05", "2027-01-19"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", _FIRST, 0, ["2026-12-08", "2026-12-21", "2026-12-22", "2027-01-04"]),
        (
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            _FIRST,
            0,
            ["2026-12-31", "2027-01-29", "2027-02-26", "2027-03-31"],
        ),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYSETPOS=1", datetime(2026, 12, 9), 0, ["2026-12-14", "2026-12-21", "2026-12-28"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", _FIRST, 0, ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", _FIRST, 0, ["2027-01-04", "2028-01-03", "2029-01-01"]),
        ("FREQ=YEARLY;BYYEARDAY=-1", _FIRST, 0, ["2026-12-31", "2027-12-31", "2028-12-31"]),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=1SU", _FIRST, 0, ["2027-03-07", "2027-06-06", "2027-09-05"]),
        ("FREQ=DAILY;COUNT=2", _FIRST, 0, ["2026-12-08", "2026-12-09"]),
        ("FREQ=MONTHLY;BYDAY=3TU;COUNT=2", _FIRST, 0, ["2026-12-15", "2027-01-19"]),
        ("FREQ=DAILY;UNTIL=20261210", _FIRST, 0, ["2026-12-08", "2026-12-09", "2026-12-10"]),
        ("FREQ=DAILY;UNTIL=20261210T022959", _FIRST, 0, ["2026-12-08", "2026-12-09"]),
        ("FREQ=DAILY;UNTIL=20261210T023000Z", _FIRST, 0, ["2026-12-08", "2026-12-09", "2026-12-10"]),
        ("RRULE:freq=daily;count=1;", _FIRST, 0, ["2026-12-08"]),
    ],
)
def test_rule_gives_the_days_that_it_says(rule: str, first: datetime, offset: int, expected: list[str]) -> None:
    """Rules by value, over ends of months and years; the offset is of calendar days."""
    assert _days(_schedule(rule, first, offset_days=offset), len(expected)) == expected[: len(expected)]
    if "COUNT" in rule.upper() or "UNTIL" in rule:
        assert _days(_schedule(rule, first, offset_days=offset), 9) == expected


def test_until_in_utc_is_an_instant() -> None:
    """In Berlin, 02:30 is 01:30 UTC: the last start is the one whose instant UNTIL still includes."""
    assert _days(_schedule("FREQ=DAILY;UNTIL=20261210T013000Z", zone=BERLIN), 9)[-1] == "2026-12-10"
    assert _days(_schedule("FREQ=DAILY;UNTIL=20261210T012959Z", zone=BERLIN), 9)[-1] == "2026-12-09"


def test_first_that_the_rule_does_not_match_is_no_start() -> None:
    """Not as RFC 5545 counts DTSTART: a deployment runs on second Tuesdays only, if that is what its rule says."""
    assert _days(_schedule("FREQ=MONTHLY;BYDAY=2TU;COUNT=2", datetime(2026, 12, 1, 2, 30))) == [
        "2026-12-08",
        "2027-01-12",
    ]


def test_last_day_counts_the_moved_start() -> None:
    """No start after the last day, by the day on which it is made; that day included."""
    schedule = _schedule("FREQ=MONTHLY;BYDAY=2TU", offset_days=3)
    assert _days(replace(schedule, last_day=date(2027, 1, 15)), 9) == ["2026-12-11", "2027-01-15"]
    assert _days(replace(schedule, last_day=date(2027, 1, 14)), 9) == ["2026-12-11"]


def test_start_is_strictly_later_than_asked() -> None:
    """Asking from a start on gives the next one: no start is given twice."""
    daily = _schedule("FREQ=DAILY")
    at = datetime(2026, 12, 9, 2, 30, tzinfo=UTC)
    assert _utc(daily, at, 1) == ["12-10 02:30"]
    assert _utc(daily, at - timedelta(microseconds=1), 1) == ["12-09 02:30"]


@pytest.mark.parametrize("rule", ["FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=7", "FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"])
def test_first_long_ago_changes_nothing(rule: str) -> None:
    """Starts long after the first are those that counting from the beginning gives."""
    schedule = _schedule(rule, datetime(2026, 1, 6, 2, 30))
    after = datetime(2026, 12, 1, tzinfo=UTC)
    counted = starts_of(replace(schedule, rule=f"{rule};COUNT=10000"), (), after, 3)
    assert len(counted) == 3
    assert starts_of(schedule, (), after, 3) == counted


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",
        "FREQ=DAILY;BYHOUR=3;BYSETPOS=2",
        "FREQ=YEARLY;INTERVAL=1000;BYMONTH=2;BYMONTHDAY=29",
    ],
)
@pytest.mark.timeout(60)
def test_rule_that_never_matches_ends(rule: str) -> None:
    """Looking for a start has an end, even where there is none."""
    assert starts_of(_schedule(rule), (), _LONG_AGO, 3) == ()


@pytest.mark.parametrize("year", [1970, 1990, 1999, 2000, 2189, 2200])
def test_yearly_rule_goes_on_whenever_it_began(year: int) -> None:
    """Ten years of starts are there from any first year on."""
    after = datetime(max(year, 2026), 1, 1, tzinfo=UTC)
    starts = starts_of(_schedule("FREQ=YEARLY", datetime(year, 6, 1, 2)), (), after, 99)
    assert [start.at.year for start in starts[:10]] == [after.year + number for number in range(10)]


def test_interval_that_never_meets_its_hours_is_refused() -> None:
    """Every 24 hours from 02:30 on is never 05:30."""
    with pytest.raises(BadInput, match="gives no start"):
        starts_of(_schedule("FREQ=HOURLY;INTERVAL=24;BYHOUR=5"), (), _LONG_AGO, 1)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=SECONDLY", "FREQ=SECONDLY is too often"),
        ("FREQ=MINUTELY;INTERVAL=30", "FREQ=MINUTELY is too often"),
        ("FREQ=FORTNIGHTLY", "FREQ=FORTNIGHTLY is not usable"),
        ("BYDAY=2TU", "no FREQ"),
        ("FREQ=DAILY\nDTSTART:20200101", "one line"),
        ("FREQ=DAILY;BYEASTER=1", "no part 'BYEASTER'"),
        ("FREQ=DAILY;INTERVALL=2", "Did you mean 'INTERVAL'"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=99999999999999", "INTERVAL=99999999999999"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=1;UNTIL=20270101", "COUNT and UNTIL"),
        ("FREQ=DAILY;UNTIL=20271341", "UNTIL=20271341"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL=TOMORROW"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24"),
        ("FREQ=DAILY;BYHOUR=-1", "BYHOUR=-1"),
        ("FREQ=HOURLY;BYMINUTE=0,10,20,30,40", "at most 4 values"),
        ("FREQ=DAILY;BYSECOND=0,1", "at most 1 value"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY=XX"),
        ("FREQ=MONTHLY;BYDAY=0TU", "BYDAY=0TU"),
        ("FREQ=WEEKLY;BYDAY=2TU", "BYDAY=2TU does not go with FREQ=WEEKLY"),
        ("FREQ=YEARLY;BYWEEKNO=2;BYDAY=2TU", "does not go with BYWEEKNO"),
        ("FREQ=MONTHLY;BYWEEKNO=2", "BYWEEKNO does not go with FREQ=MONTHLY"),
        ("FREQ=HOURLY;BYSETPOS=1;BYMINUTE=5", "BYSETPOS does not go with FREQ=HOURLY"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS chooses"),
        ("FREQ=DAILY;WKST=1", "WKST=1"),
        ("FREQ", "'FREQ' is no part"),
        ("FREQ=DAILY;;COUNT=2", "'' is no part"),
        ("FREQ=ＤAILY", "one line"),
        ("X" * 5000, "one line"),
    ],
)
def test_rule_that_cannot_be_used_is_refused_naming_the_part(rule: str, words: str) -> None:
    """One clear line says which part is wrong."""
    with pytest.raises(BadInput) as raised:
        starts_of(_schedule(rule), (), _LONG_AGO, 1)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_blackout_skips_the_starts_inside_and_says_so() -> None:
    """A start at its beginning is inside, one at its end is not; the skipped one stays in the list."""
    blackout = Blackout(
        datetime(2026, 12, 9, 2, 30, tzinfo=UTC), datetime(2026, 12, 11, 2, 30, tzinfo=UTC), "Christmas freeze"
    )
    starts = starts_of(_schedule("FREQ=DAILY"), (blackout,), _LONG_AGO, 4)
    assert [bool(start.skipped) for start in starts] == [False, True, True, False]
    assert starts[1].skipped == "in the blackout 'Christmas freeze' until 2026-12-11T02:30Z"


def test_next_start_is_none_that_a_blackout_skips() -> None:
    """The next start is the first that will really be made."""
    blackout = Blackout(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    upcoming = next_start(_schedule("FREQ=DAILY"), (blackout,), _LONG_AGO)
    assert upcoming is not None
    assert upcoming.local == "Fri 2027-01-01 02:30 UTC"
    assert next_start(_schedule(), (blackout,), _LONG_AGO) is None


def test_missed_starts_are_those_between_with_the_newest_end_included() -> None:
    """(since, now]: a start at `since` was dealt with, one at `now` is due."""
    since, now = datetime(2026, 12, 8, 2, 30, tzinfo=UTC), datetime(2026, 12, 10, 2, 30, tzinfo=UTC)
    missed = missed_starts(_schedule("FREQ=DAILY"), (), since, now)
    assert [f"{start.at:%d}" for start in missed] == ["09", "10"]


def test_very_many_missed_starts_are_the_newest() -> None:
    """A year of hourly starts does not become nine thousand entries."""
    now = datetime(2027, 12, 8, 2, 30, tzinfo=UTC)
    missed = missed_starts(_schedule("FREQ=HOURLY"), (), _LONG_AGO, now)
    assert len(missed) == MOST_MISSED
    assert missed[-1].at == now


@pytest.mark.parametrize(
    ("missed", "hours", "late", "decision", "why"),
    [
        (MissedStart.SKIP, 0.0, timedelta(0), MissedDecision.RUN, "on time"),
        (MissedStart.SKIP, 0.0, timedelta(minutes=5), MissedDecision.RUN, "on time"),
        (
            MissedStart.SKIP,
            0.0,
            timedelta(minutes=6),
            MissedDecision.SKIP,
            "missed 6 min ago, missed starts are skipped",
        ),
        (MissedStart.RUN_WITHIN, 4.0, timedelta(hours=4), MissedDecision.RUN, "made up for 4 h late"),
        (
            MissedStart.RUN_WITHIN,
            4.0,
            timedelta(hours=4, minutes=1),
            MissedDecision.SKIP,
            "missed 4 h 1 min ago, made up for within 4 h only",
        ),
    ],
)
def test_missed_start_is_judged_by_policy(
    missed: MissedStart, hours: float, late: timedelta, decision: MissedDecision, why: str
) -> None:
    """Skip, or run within so many hours; a start that is minutes late was not missed."""
    schedule = _schedule("FREQ=DAILY", missed=missed, missed_within_hours=hours)
    start = starts_of(schedule, (), _LONG_AGO, 1)[0]
    verdict = judge_missed(schedule, start, start.at + late)
    assert (verdict.decision, verdict.why) == (decision, why)


def test_of_several_missed_starts_only_the_newest_can_run() -> None:
    """Catching up never means running twice, and a start in a blackout is not caught up with."""
    schedule = _schedule("FREQ=DAILY", missed=MissedStart.RUN_WITHIN, missed_within_hours=100.0)
    blackout = Blackout(datetime(2026, 12, 11, tzinfo=UTC), datetime(2026, 12, 12, tzinfo=UTC), "audit")
    now = datetime(2026, 12, 11, 3, 30, tzinfo=UTC)
    verdicts = judge_all_missed(schedule, missed_starts(schedule, (blackout,), _LONG_AGO, now), now)
    assert [(f"{verdict.start.at:%d}", verdict.decision) for verdict in verdicts] == [
        ("08", MissedDecision.SKIP),
        ("09", MissedDecision.SKIP),
        ("10", MissedDecision.RUN),
        ("11", MissedDecision.SKIP),
    ]
    assert "audit" in verdicts[3].why


_RULES = st.sampled_from(
    (
        "FREQ=HOURLY;INTERVAL=5",
        "FREQ=DAILY",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=0,30",
        "FREQ=WEEKLY;BYDAY=MO,SU;INTERVAL=2",
        "FREQ=WEEKLY;BYDAY=FR,SU;WKST=SU;INTERVAL=3",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=31",
        "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3,10",
    )
)
_ZONES = st.sampled_from((BERLIN, NEW_YORK, "Australia/Lord_Howe", "UTC"))
_FIRSTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)).map(lambda first: first.replace(microsecond=0))
_AFTERS = st.datetimes(datetime(2014, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@settings(deadline=None)
@given(_RULES, _ZONES, _FIRSTS, st.integers(-10, 10), _AFTERS)
def test_starts_rise_and_lie_behind_what_was_asked(
    rule: str, zone: str, first: datetime, offset: int, after: datetime
) -> None:
    """Whatever the schedule: strictly rising, after `after`, aware UTC, and asking on from one gives the next."""
    schedule = _schedule(rule, first, zone, offset_days=offset)
    starts = starts_of(schedule, (), after, 6)
    times = [start.at for start in starts]
    assert times == sorted(set(times))
    assert all(at > after and at.tzinfo is UTC for at in times)
    assert starts_of(schedule, (), times[2], 3) == starts[3:]


@settings(deadline=None)
@given(_RULES, _ZONES, _FIRSTS, st.integers(-10, 10), _AFTERS, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_starts_after_a_time_are_those_of_before_without_the_earlier(
    rule: str, zone: str, first: datetime, offset: int, after: datetime, step: timedelta
) -> None:
    """Skipping ahead loses no start and invents none."""
    schedule = _schedule(rule, first, zone, offset_days=offset)
    missed = missed_starts(schedule, (), after, after + step)
    later = starts_of(schedule, (), after + step, 3)
    assert starts_of(schedule, (), after, len(missed) + 3) == (*missed, *later)


@settings(deadline=None)
@example("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", 2014, 73)
@given(
    st.sampled_from(
        ("FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY;BYWEEKNO=53;BYDAY=SU", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    ),
    st.integers(1970, 2200),
    st.integers(0, 120),
)
def test_days_of_a_rule_are_those_of_the_calendar(rule: str, year: int, later: int) -> None:
    """Whatever the century: a rule is found by asking dateutil directly, and is the same."""
    first, after = datetime(year, 1, 1, 2), datetime(min(year + later, 2210), 1, 1, 2, tzinfo=UTC)
    expected = rrulestr(rule, dtstart=first).between(after.replace(tzinfo=None), datetime(2222, 1, 1))
    found = [start.at.replace(tzinfo=None) for start in starts_of(_schedule(rule, first), (), after, 5)]
    assert found == [wall for wall in expected if wall <= after.replace(tzinfo=None) + HORIZON][:5]


@settings(deadline=None)
@given(_FIRSTS, st.integers(1, 12), st.integers(-3, 3))
def test_counted_rule_and_uncounted_rule_agree(first: datetime, months: int, offset: int) -> None:
    """The path that may skip ahead and the one that counts from the beginning give the same starts."""
    endless = _schedule(f"FREQ=WEEKLY;INTERVAL={months}", first, BERLIN, offset_days=offset)
    counted = replace(endless, rule=f"{endless.rule};COUNT=500")
    after = datetime(first.year + 3, 1, 1, tzinfo=UTC)
    assert starts_of(endless, (), after, 5)[:3] == starts_of(counted, (), after, 5)[:3]
