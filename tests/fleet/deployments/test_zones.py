"""Wall-clock times as instants: gaps, overlaps, and zones that do not exist."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.deployments.zones import find_zone, local_text, to_instant
from fleet.errors import BadInput

_ZONES = st.sampled_from(
    (
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "Africa/Casablanca",
    )
)
_WALLS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(lambda wall: wall.replace(microsecond=0))


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]  # the parts of a date


@pytest.mark.parametrize(
    ("zone", "wall", "at", "moved"),
    [
        ("Europe/Berlin", datetime(2027, 3, 28, 2, 30), _at(2027, 3, 28, 1), "moved to 03:00"),
        ("Europe/Berlin", datetime(2027, 3, 28, 2, 0), _at(2027, 3, 28, 1), "moved to 03:00"),
        ("Europe/Berlin", datetime(2027, 3, 28, 2, 59, 59), _at(2027, 3, 28, 1), "moved to 03:00"),
        ("Europe/Berlin", datetime(2027, 3, 28, 1, 59, 59), _at(2027, 3, 28, 0, 59, 59), ""),
        ("Europe/Berlin", datetime(2027, 3, 28, 3, 0), _at(2027, 3, 28, 1), ""),
        ("Europe/Berlin", datetime(2027, 10, 31, 2, 30), _at(2027, 10, 31, 0, 30), ""),
        ("America/New_York", datetime(2027, 3, 14, 2, 30), _at(2027, 3, 14, 7), "moved to 03:00"),
        ("America/New_York", datetime(2027, 11, 7, 1, 30), _at(2027, 11, 7, 5, 30), ""),
        ("Australia/Lord_Howe", datetime(2027, 10, 3, 2, 15), _at(2027, 10, 2, 15, 30), "moved to 02:30"),
        ("Australia/Lord_Howe", datetime(2027, 4, 4, 1, 45), _at(2027, 4, 3, 14, 45), ""),
        ("Pacific/Apia", datetime(2011, 12, 30, 12, 0), _at(2011, 12, 30, 10), "moved to 2011-12-31 00:00"),
        ("UTC", datetime(2027, 3, 28, 2, 30), _at(2027, 3, 28, 2, 30), ""),
    ],
)
def test_wall_clock_time_is_the_instant_that_it_should_be(zone: str, wall: datetime, at: datetime, moved: str) -> None:
    """A missing time moves to the first instant after the gap and says so; a double one is the first."""
    instant = to_instant(wall, find_zone(zone))
    assert instant.at == at
    assert instant.moved_from.endswith(moved)
    assert bool(instant.moved_from) == bool(moved)


def test_move_names_the_time_the_day_and_the_zone() -> None:
    """What is said of a moved time is enough to understand it."""
    instant = to_instant(datetime(2027, 3, 28, 2, 30), find_zone("Europe/Berlin"))
    assert instant.moved_from == "02:30 does not exist on 2027-03-28 in Europe/Berlin: moved to 03:00"


@settings(deadline=None)
@given(_WALLS, _ZONES)
def test_instant_shows_the_wall_clock_time_unless_it_was_moved(wall: datetime, zone: str) -> None:
    """Read back in its zone, an instant is the time that was asked for, or later and said to be moved."""
    instant = to_instant(wall, ZoneInfo(zone))
    shown = instant.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    assert shown >= wall
    assert (shown == wall) == (not instant.moved_from)


@settings(deadline=None)
@given(_WALLS, _ZONES, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_later_wall_clock_time_is_no_earlier_instant(wall: datetime, zone: str, step: timedelta) -> None:
    """Order survives: whatever clocks do, a later time on the wall is never an earlier instant."""
    step -= timedelta(microseconds=step.microseconds)
    assert to_instant(wall, ZoneInfo(zone)).at <= to_instant(wall + step, ZoneInfo(zone)).at


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("Europe/Berlni", "Europe/Berlin"), ("europe/berlin", "Europe/Berlin"), ("America/NewYork", "America/New_York")],
)
def test_unknown_zone_is_refused_with_the_nearest(name: str, nearest: str) -> None:
    """A typing error is answered with the zone that was meant."""
    with pytest.raises(BadInput, match=f"There is no time zone '{name}'. Did you mean '{nearest}'"):
        find_zone(name)


@pytest.mark.parametrize("name", ["", "Europe", "../../etc/passwd", "/etc/localtime", "localtime", "right/UTC", "a\0b"])
def test_name_that_is_no_zone_is_refused(name: str) -> None:
    """Paths, folders and zones that depend on the console are none."""
    with pytest.raises(BadInput, match="There is no time zone"):
        find_zone(name)


def test_local_text_shows_day_time_and_zone() -> None:
    """The words for a start are those of its zone."""
    assert local_text(_at(2026, 12, 8, 1, 30), find_zone("Europe/Berlin")) == "Tue 2026-12-08 02:30 CET"
    assert local_text(_at(2026, 12, 8, 1, 30, 5), find_zone("UTC")) == "Tue 2026-12-08 01:30:05 UTC"
