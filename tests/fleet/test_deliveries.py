"""When a delivery is tried again, and when it is given up."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fleet.deliveries import (
    LONGEST_WAIT,
    Answer,
    Attempt,
    DeliveryRecord,
    Outcome,
    Sent,
    next_try,
    wait_after,
    with_attempt,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def test_waits_grow_from_ten_seconds_to_an_hour() -> None:
    """Each is twice the one before."""
    assert [wait_after(tries).total_seconds() for tries in (1, 2, 3, 8, 9, 10, 10_000)] == [
        *(10, 20, 40, 1280, 2560, 3600, 3600)
    ]


def test_what_is_refused_is_not_tried_again() -> None:
    """The same message would be refused again."""
    assert next_try(DeliveryRecord(tries=1), Answer(Outcome.REFUSED, ""), NOW, NOW + DAY) is None
    assert next_try(DeliveryRecord(tries=1), Answer(Outcome.DELIVERED, ""), NOW, NOW + DAY) is None


def test_a_receiver_is_left_alone_as_long_as_it_asks() -> None:
    """Up to an hour, and never less than the usual wait."""
    asked = (0.0, 120.0, 1e9, -5.0)
    waits = [next_try(DeliveryRecord(tries=1), Answer(Outcome.FAILED, "", each), NOW, NOW + DAY) for each in asked]
    assert waits == [NOW + timedelta(seconds=each) for each in (10, 120, 3600, 10)]


@given(st.integers(0, 60), st.floats(0, 1e12), st.integers(0, 100_000))
def test_a_delivery_ends_in_finite_time(tries: int, asked: float, patience_seconds: int) -> None:
    """The next attempt lies ahead, and never behind the end of patience, at which it is over."""
    give_up_at = NOW + timedelta(seconds=patience_seconds)
    at = next_try(DeliveryRecord(tries=tries), Answer(Outcome.FAILED, "", asked), NOW, give_up_at)
    if patience_seconds == 0:
        assert at is None
    else:
        assert at is not None
        assert NOW < at <= min(give_up_at, NOW + LONGEST_WAIT)


def test_the_last_attempts_and_what_was_sent_are_kept() -> None:
    """The number of tries is known though; a long text is cut."""
    record = DeliveryRecord()
    for number in range(30):
        attempt = Attempt(NOW, 0.1, Outcome.FAILED, f"answer {number}")
        record = with_attempt(record, attempt, Sent.of("t", "x" * 10_000, "00"))
    assert (len(record.attempts), record.tries, record.last_said) == (20, 30, "answer 29")
    assert record.sent is not None
    assert len(record.sent.text) < 9_000
