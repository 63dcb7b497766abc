"""What a screen reads again and again while things change: one read at a time, once more if asked since."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from fleet.errors import PatchdeckError
from tui.background import read_at_instant
from tui.rows.judged import are_fresh

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Known(Generic[Result]):
    """What was ``found`` of an instant, None for now, at a revision of the fleet; rows were ``made_at`` that time."""

    found: Result
    instant: datetime | None
    revision: int | None
    made_at: datetime


def is_known(known: Known[Result] | None, deck: "PatchdeckApp") -> bool:
    """Whether ``known`` still holds, and the ages that are shown of it."""
    return (
        known is not None
        and (known.revision, known.instant) == (deck.fleet.revision, deck.instant)
        and are_fresh(known.made_at, deck.clock())
    )


def know(
    known: Known[Result] | None, deck: "PatchdeckApp", at: datetime | None, read: Callable[[], Result]
) -> Known[Result]:
    """What ``read`` finds at ``at``, which is asked only where ``known`` does not hold any more. For a thread."""
    revision = deck.fleet.revision  # first: what changes in between is read again
    if known is not None and (known.revision, known.instant) == (revision, at):
        return replace(known, made_at=deck.clock())
    return Known(read(), at, revision, deck.clock())


class NewestRead(Generic[Result]):
    """Does ``work`` in a thread, of the instant that ``deck`` shows, and hands what came of it to ``done``.

    ``failed`` is told why it could not be read, each time.
    """

    def __init__(
        self,
        deck: "PatchdeckApp",
        work: Callable[[datetime | None], Result],
        done: Callable[[Result], None],
        failed: Callable[[PatchdeckError], None],
        *,
        what: str,
    ) -> None:
        self._deck = deck
        self._work = work
        self._done = done
        self._failed = failed
        self._what = what
        self._is_reading = False
        self._is_asked_again = False

    def ask(self) -> None:
        """Reads, or once the read is over that goes on: what it found may be older than what is asked for."""
        if self._is_reading:
            self._is_asked_again = True
            return
        self._is_reading, self._is_asked_again = True, False
        read_at_instant(self._deck, self._work, self._take, self._fail, what=self._what)

    def _take(self, result: Result) -> None:
        self._is_reading = False
        self._done(result)
        if self._is_asked_again:
            self.ask()

    def _fail(self, error: PatchdeckError) -> None:
        # What was there stays; nobody asks at once for what just failed.
        self._is_reading = self._is_asked_again = False
        self._failed(error)
