"""Quiet hours: by the walls' clocks, over midnight, weeks and changes of clocks."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.alerts.quiet import DAYS, QuietHours, QuietSpan, parse_span
from fleet.errors import BadInput


def _quiet(*texts: str, zone: str = "UTC") -> QuietHours:
    return QuietHours(tuple(map(parse_span, texts)), zone)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_span_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday night ends on Saturday morning."""
    quiet = _quiet("Fri 22:00-06:00")
    held = [_at("2026-11-20 22:00"), _at("2026-11-21 05:59")]
    free = [_at("2026-11-20 21:59"), _at("2026-11-21 06:00"), _at("2026-11-20 05:00"), _at("2026-11-21 23:00")]
    assert [quiet.holds(at) for at in held + free] == [True, True, False, False, False, False]


def test_days_may_be_a_range_over_the_end_of_the_week() -> None:
    """Sat-Mon is three days."""
    assert parse_span("Sat-Mon 00:00-24:00").days == ("Mon", "Sat", "Sun")
    assert parse_span("mon,WED 9:00-10:30").text == "Mon,Wed 09:00-10:30"


def test_hour_that_clocks_go_through_twice_is_quiet_twice() -> None:
    """And one that they leave out is not there; the end moves with it."""
    quiet = _quiet("02:00-03:00", zone="Europe/Berlin")
    assert quiet.holds(_at("2026-10-25 00:30"))
    assert quiet.holds(_at("2026-10-25 01:30"))
    assert not quiet.holds(_at("2026-10-25 02:30"))
    gap = _quiet("01:00-02:30", zone="Europe/Berlin")
    assert gap.ends_after(_at("2026-03-29 00:30")) == _at("2026-03-29 01:00")


def test_end_in_an_hour_that_comes_twice_comes_twice() -> None:
    """People are told when the second time is over, not a day later."""
    quiet = _quiet("01:00-02:30", zone="Europe/Berlin")
    assert quiet.ends_after(_at("2026-10-25 00:10")) == _at("2026-10-25 00:30")
    assert quiet.holds(_at("2026-10-25 01:10"))
    assert quiet.ends_after(_at("2026-10-25 01:10")) == _at("2026-10-25 01:30")


def test_quiet_that_never_ends_has_no_end() -> None:
    """A whole week of it."""
    assert _quiet("00:00-24:00").ends_after(_at("2026-11-20 12:00")) is None


@given(
    begins=st.integers(0, 1439),
    ends=st.integers(0, 1440),
    days=st.lists(st.sampled_from(DAYS), unique=True),
    minute=st.integers(0, 366 * 24 * 60),
    zone=st.sampled_from(("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")),
)
@settings(max_examples=150)
def test_end_is_the_first_moment_that_is_not_quiet(
    begins: int, ends: int, days: list[str], minute: int, zone: str
) -> None:
    """It is not quiet then, and it was a moment before unless clocks were changed."""
    named = tuple(day for day in DAYS if day in days)
    quiet = QuietHours((QuietSpan(begins, ends, named),), zone)
    now = _at("2026-01-01 00:00") + timedelta(minutes=minute)
    assert parse_span(quiet.spans[0].text) == quiet.spans[0]
    if (end := quiet.ends_after(now)) is not None and quiet.holds(now):
        assert now < end <= now + timedelta(days=9)
        assert not quiet.holds(end)
        assert quiet.holds(end - timedelta(seconds=1)) or end.month in (3, 10, 11)


@pytest.mark.parametrize("text", ["", "22-06", "25:00-06:00", "24:00-06:00", "22:60-06:00", "Xyz 22:00-06:00", "22:00"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """With how one is written, or the nearest day."""
    with pytest.raises(BadInput, match=r"not usable|no day of the week"):
        parse_span(text)
