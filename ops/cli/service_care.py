"""Seeing, while somebody looks on at a run, that a service goes on with it: one that was killed is started again."""

import time
from collections.abc import Callable, Iterable, Iterator

from fleet.errors import PatchdeckError
from ops.cli.terminal import say
from ops.deployments import service_call
from ops.deployments.events import RunEvent
from ops.home import Home
from ops.permission import refusal
from ops.service.starting import working
from ops.state.database import opened
from ops.state.lease import LeaseBook

# Looking costs a lock and at most one row.
_LOOK_SECONDS = 2.0
_RETRY_SECONDS = 30.0
_LOST = "The background service is gone: it was killed, or broke. It is started again …"
_BACK = "The background service works again, and goes on with the run."
_STOPPED = "The background service was stopped: the run goes on when it is started: patchdeck service start"


def with_care(home: Home, portions: Iterable[list[RunEvent]]) -> Iterator[list[RunEvent]]:
    """``portions`` as they are; between them it is seen that a service works for ``home``."""
    care = ServiceCare(home)
    for portion in portions:
        care.look()
        yield portion


class ServiceCare:
    """Looks whether a service works for ``home`` and says when that changes.

    One that died is started again. One that somebody stopped stays so: they had a reason.
    """

    def __init__(self, home: Home, clock: Callable[[], float] = time.monotonic) -> None:
        self._home = home
        self._clock = clock
        self._next = clock()
        self._is_missed = False
        self._said = ""

    def look(self) -> None:
        """Looks if the last look is long enough ago; blocking while a service starts."""
        if self._clock() < self._next or refusal(self._home.path) is not None:
            return  # who only looks on starts nothing
        self._next = self._clock() + _LOOK_SECONDS
        try:
            is_working, is_left = working(self._home) is not None, self._has_row()
        except PatchdeckError:
            return  # the next look is soon
        if is_working:
            self._note_back()
        elif not self._is_missed:
            self._is_missed = True  # it may be about to start: one look more
        else:
            self._start_again() if is_left else self._say(_STOPPED)

    def _has_row(self) -> bool:
        """Whether the service left its row behind, as one does that was killed."""
        with opened(self._home.state_file) as connection:
            return LeaseBook(connection).holder() is not None

    def _note_back(self) -> None:
        self._is_missed = False
        if self._said:
            say(_BACK)
            self._said = ""

    def _start_again(self) -> None:
        self._say(_LOST)
        if problem := service_call.call_service(self._home):
            self._say(problem)
            self._next = self._clock() + _RETRY_SECONDS

    def _say(self, words: str) -> None:
        if words != self._said:
            say(words)
            self._said = words
