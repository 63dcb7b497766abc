"""The delivery of a message by a channel: its attempts, when the next one is, and when it is given up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
_ATTEMPTS_KEPT = 20
_TEXT_KEPT = 8_192


class DeliveryStatus(StrEnum):
    """Where a delivery stands. SKIPPED: its channel was off, or is not there any more."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(StrEnum):
    """What came of an attempt. REFUSED: the same message would be refused again, so that it is not tried again."""

    DELIVERED = "delivered"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back of an attempt, in one line; ``wait_seconds`` is how long the receiver asked to be left alone."""

    outcome: Outcome
    said: str
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: when it began, how long it took, what came back."""

    at: datetime
    seconds: float
    outcome: Outcome
    said: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What was handed over: the title and the text (cut where they are long), and the SHA-256 of all of it."""

    title: str
    text: str
    sha256: str

    @classmethod
    def of(cls, title: str, text: str, sha256: str) -> "Sent":
        """What is kept of a title and a text."""
        return cls(title, text if len(text) <= _TEXT_KEPT else f"{text[:_TEXT_KEPT]}…", sha256)


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """What is known of a delivery beside its status.

    ``attempts`` are the last ones, ``tries`` how many there were since it was asked for; ``asked_at`` is when somebody
    asked for it again, None where nobody did.
    """

    attempts: tuple[Attempt, ...] = ()
    tries: int = 0
    asked_at: datetime | None = None
    delivered_at: datetime | None = None
    sent: Sent | None = None
    note: str = ""

    @property
    def last_said(self) -> str:
        """What came back last, or why nothing was tried."""
        return self.note or (self.attempts[-1].said if self.attempts else "")


def wait_after(tries: int) -> timedelta:
    """How long is waited after so many attempts in a row that failed: 10 seconds, then twice as long each time."""
    doublings = min(max(tries, 1) - 1, 20)
    return min(LONGEST_WAIT, FIRST_WAIT * (1 << doublings))


def next_try(record: DeliveryRecord, answer: Answer, now: datetime, give_up_at: datetime) -> datetime | None:
    """When the delivery is tried again after ``answer``, the last of ``record``; None: never.

    A receiver's wish to be left alone counts, up to the longest wait. There always is an attempt near ``give_up_at``.
    """
    if answer.outcome is not Outcome.FAILED or now >= give_up_at:
        return None
    asked = timedelta(seconds=min(max(answer.wait_seconds or 0.0, 0.0), LONGEST_WAIT.total_seconds()))
    return min(now + max(wait_after(record.tries), asked), give_up_at)


def with_attempt(record: DeliveryRecord, attempt: Attempt, sent: Sent) -> DeliveryRecord:
    """``record`` with one more attempt."""
    attempts = (*record.attempts, attempt)[-_ATTEMPTS_KEPT:]
    delivered_at = attempt.at if attempt.outcome is Outcome.DELIVERED else record.delivered_at
    return DeliveryRecord(attempts, record.tries + 1, record.asked_at, delivered_at, sent)
