"""Instants as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.errors import BadInput
from fleet.instants import instant_text, read_instant

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T12:00Z", "2026-11-20 12:00Z"),
        ("2026-11-20 12:00", "2026-11-20 12:00Z"),
        ("2026-11-20T12:00+02:00", "2026-11-20 10:00Z"),
        ("2026-11-20", "2026-11-20 00:00Z"),
        ("today", "2026-11-22 00:00Z"),
        ("Yesterday", "2026-11-21 00:00Z"),
        ("yesterday 18:30", "2026-11-21 18:30Z"),
        ("3 days ago", "2026-11-19 12:00Z"),
        ("12h", "2026-11-22 00:00Z"),
        ("1 week ago", "2026-11-15 12:00Z"),
        ("90 s", "2026-11-22 11:58:30Z"),
        (" now ", "2026-11-22 12:00Z"),
        ("0001-01-01", "0001-01-01 00:00Z"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, expected: str) -> None:
    """ISO 8601, a word with or without a time, or how long ago; UTC where no zone is named."""
    assert instant_text(read_instant(text, NOW)) == expected


@pytest.mark.parametrize("text", ["", "never", "3 fortnights ago", "yesterday noon", "99999999w", "2026-13-01"])
def test_what_is_no_time_is_refused_with_what_is_one(text: str) -> None:
    """The forms are named."""
    with pytest.raises(BadInput, match="3 days ago"):
        read_instant(text, NOW)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_shown_of_an_instant_is_read_again(at: datetime) -> None:
    """To the microsecond: whoever copies the sign at the top comes back to the same instant."""
    assert read_instant(instant_text(at), NOW + timedelta(days=1)) == at
