"""Work that follows what is being typed: the newest is done after a pause, one at a time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar  # Any: screens of every kind of answer, as Textual types

from textual.screen import Screen
from textual.timer import Timer

from fleet.errors import PatchdeckError
from tui.background import in_thread
from tui.presence import is_up

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Result = TypeVar("Result")


class NewestWork(Generic[Result]):
    """What ``screen`` asks for while one types; ``done`` or ``failed`` is called with what came of the newest."""

    def __init__(
        self,
        deck: "PatchdeckApp",
        screen: Screen[Any],
        done: Callable[[Result], None],
        failed: Callable[[PatchdeckError], None],
        *,
        pause_seconds: float,
        what: str,
    ) -> None:
        self._deck = deck
        self._screen = screen
        self._done = done
        self._failed = failed
        self._pause_seconds = pause_seconds
        self._what = what
        self._timer: Timer | None = None
        self._wanted: Callable[[], Result] | None = None
        self._is_due = False
        self._is_working = False
        # Counts what was asked for: an answer to anything but the newest is not wanted any more.
        self._asked = 0

    @property
    def is_busy(self) -> bool:
        """Whether something is asked for and not there yet."""
        return self._wanted is not None or self._is_working

    def ask(self, work: Callable[[], Result]) -> None:
        """Does ``work`` in a thread once nothing else was asked for during the pause."""
        self.drop()
        self._wanted, self._is_due = work, False
        self._timer = self._screen.set_timer(self._pause_seconds, self._due)

    def drop(self) -> None:
        """Nothing is wanted any more."""
        self._asked += 1
        self._wanted = None
        if self._timer is not None:
            self._timer.stop()

    def _due(self) -> None:
        self._is_due = True
        self._begin()

    def _begin(self) -> None:
        if self._is_working or self._wanted is None or not self._is_due:
            return
        work, self._wanted, number = self._wanted, None, self._asked
        self._is_working = True

        def take(result: Result) -> None:
            if self._is_over(number):
                self._done(result)

        def fail(error: PatchdeckError) -> None:
            if self._is_over(number):
                self._failed(error)

        in_thread(self._deck, work, take, fail, what=self._what)

    def _is_over(self, number: int) -> bool:
        """Goes on with what was asked for meanwhile; whether what came is still wanted."""
        self._is_working = False
        if not is_up(self._screen):  # it was left
            return False
        self._begin()
        return number == self._asked
