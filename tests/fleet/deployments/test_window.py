"""What may start in a maintenance window, and how long it lasts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.deployments.window import (
    Window,
    check_window,
    closes_at,
    may_reboot,
    may_start_installation,
    seconds_left,
    seconds_left_to_reboot,
    seconds_left_to_start,
)
from fleet.errors import BadInput

_OPENS = datetime(2026, 12, 8, 1, 30, tzinfo=UTC)


def _after(minutes: float) -> datetime:
    return _OPENS + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("minutes", "installs", "reboots"),
    [
        (-1, False, False),
        (0, True, True),
        (104.9, True, True),
        (105, False, True),
        (109.9, False, True),
        (110, False, False),
    ],
)
def test_steps_start_until_their_minutes_before_the_end(minutes: float, installs: bool, reboots: bool) -> None:
    """In two hours: installations start for 105 minutes, reboots are made for 110, nothing before the opening."""
    assert may_start_installation(Window(), _OPENS, _after(minutes)) is installs
    assert may_reboot(Window(), _OPENS, _after(minutes)) is reboots


def test_seconds_left_are_counted_to_each_end() -> None:
    """What a job on the machine is told: seconds from now."""
    assert seconds_left_to_start(Window(), _OPENS, _after(5)) == 100 * 60
    assert seconds_left_to_reboot(Window(), _OPENS, _after(5)) == 105 * 60
    assert seconds_left(Window(), _OPENS, _after(5)) == 115 * 60
    assert seconds_left(Window(), _OPENS, _after(500)) == 0


def test_window_over_a_change_of_clocks_has_its_real_minutes() -> None:
    """Eight hours in the night of the spring change end nine hours later on the wall."""
    berlin = ZoneInfo("Europe/Berlin")
    opens = datetime(2027, 3, 27, 23, 0, tzinfo=berlin).astimezone(UTC)
    end = closes_at(Window(minutes=480), opens)
    assert (end - opens) == timedelta(hours=8)
    assert end.astimezone(berlin).hour == 8


@pytest.mark.parametrize("window", [Window(1, 0, 0), Window(10080, 15, 10), Window(), Window(30, 29, 29)])
def test_window_from_a_minute_to_a_week_can_be_used(window: Window) -> None:
    """Any length, as long as something can start in it."""
    assert check_window(window) is window


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (Window(0, 0, 0), "window of 0 minutes"),
        (Window(-5, 0, 0), "window of -5 minutes"),
        (Window(10081), "window of 10081 minutes"),
        (Window(15), "No installation starts in the last 15 minutes"),
        (Window(30, 15, 30), "No reboot starts in the last 30 minutes"),
        (Window(30, -1, 10), "less than none"),
    ],
)
def test_window_that_cannot_be_used_is_refused(window: Window, words: str) -> None:
    """One line names what does not fit."""
    with pytest.raises(BadInput) as raised:
        check_window(window)
    assert words in str(raised.value)


@settings(deadline=None)
@given(st.integers(1, 10080), st.integers(0, 10080), st.integers(0, 10080), st.floats(-100, 11000))
def test_what_may_start_has_seconds_left_and_lies_in_the_window(
    minutes: int, stop_starting: int, reboot: int, at: float
) -> None:
    """Never outside [opens, closes), never without time left, and what is left never grows."""
    window = Window(minutes, stop_starting % minutes, reboot % minutes)
    now = _after(at)
    for may, left in ((may_start_installation, seconds_left_to_start), (may_reboot, seconds_left_to_reboot)):
        if may(window, _OPENS, now):
            assert _OPENS <= now < closes_at(window, _OPENS)
            assert left(window, _OPENS, now) > 0
        assert 0 <= left(window, _OPENS, now + timedelta(minutes=1)) <= left(window, _OPENS, now)
        assert left(window, _OPENS, now) <= seconds_left(window, _OPENS, now)
