"""Reboots at a time of day."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.deployments.reboot_rules import RebootRules
from fleet.deployments.reboot_times import parse_clock_time, reboot_due_at
from fleet.errors import BadInput

_NOW = datetime(2026, 12, 8, 1, 30, tzinfo=UTC)
_CLOSES = datetime(2026, 12, 8, 3, 30, tzinfo=UTC)


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # the parts of a date


def test_reboot_without_time_of_day_is_due_at_once() -> None:
    """Empty means now; that is within the window until it closes."""
    assert reboot_due_at(RebootRules(), "UTC", _NOW, _CLOSES).at == _NOW
    assert reboot_due_at(RebootRules(), "UTC", _NOW, _CLOSES).is_within_window
    assert not reboot_due_at(RebootRules(), "UTC", _CLOSES, _CLOSES).is_within_window


@pytest.mark.parametrize(
    ("clock", "zone", "due", "within"),
    [
        ("04:00", "Europe/Berlin", _at(2026, 12, 8, 3), True),
        ("02:30", "Europe/Berlin", _NOW, True),
        ("02:29", "Europe/Berlin", _at(2026, 12, 9, 1, 29), False),
        ("04:30", "Europe/Berlin", _CLOSES, False),
        ("22:00", "America/New_York", _at(2026, 12, 8, 3), True),
    ],
)
def test_reboot_is_due_at_the_next_such_time(clock: str, zone: str, due: datetime, within: bool) -> None:
    """Today or tomorrow in the zone, and whether that lies in the window."""
    time = reboot_due_at(RebootRules(at=clock), zone, _NOW, _CLOSES)
    assert (time.at, time.is_within_window) == (due, within)


def test_reboot_in_the_gap_is_made_after_it() -> None:
    """02:30 in the night of the spring change is 03:00, and says so."""
    time = reboot_due_at(RebootRules(at="02:30"), "Europe/Berlin", _at(2027, 3, 28, 0), _at(2027, 3, 28, 4))
    assert time.at == _at(2027, 3, 28, 1)
    assert "moved to 03:00" in time.moved_from


def test_reboot_at_a_time_that_comes_twice_is_the_first() -> None:
    """After the first 02:30 of the autumn change the next is tomorrow's."""
    rules = RebootRules(at="02:30")
    closes = _at(2027, 11, 2, 0)
    assert reboot_due_at(rules, "Europe/Berlin", _at(2027, 10, 31, 0), closes).at == _at(2027, 10, 31, 0, 30)
    assert reboot_due_at(rules, "Europe/Berlin", _at(2027, 10, 31, 1), closes).at == _at(2027, 11, 1, 1, 30)


@pytest.mark.parametrize("text", ["2:30", "24:00", "12:60", "0230", "02:30:00", "", "٠٢:٣٠", "02:30\n"])
def test_text_that_is_no_time_of_day_is_refused(text: str) -> None:
    """HH:MM and nothing else."""
    with pytest.raises(BadInput, match="Time of day"):
        parse_clock_time(text)


@settings(deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.times().map(lambda clock: f"{clock:%H:%M}"),
    st.sampled_from(("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")),
)
def test_reboot_is_due_within_a_day_or_so(now: datetime, clock: str, zone: str) -> None:
    """Never before now, never more than a day and a changed hour ahead."""
    due = reboot_due_at(RebootRules(at=clock), zone, now, now + timedelta(hours=2))
    assert now <= due.at <= now + timedelta(hours=25)
    assert due.is_within_window == (due.at < now + timedelta(hours=2))
