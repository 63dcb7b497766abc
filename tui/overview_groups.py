"""Groups of the overview that hang on saved queries: counted by a process of its own, shown when they are there."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from tui.background import in_thread

if TYPE_CHECKING:
    from ops.overview.reading import FleetStanding
    from ops.overview.standing import Part
    from tui.app import PatchdeckApp


class QueryGroups:
    """What was counted last. ``counted`` is called when there is more; ``turn`` is held while tables are asked.

    They are counted anew where there are others, somebody decided something, or machines changed and ``every`` is over.
    """

    def __init__(
        self, deck: "PatchdeckApp", counted: Callable[[], None], turn: AbstractContextManager[object], every: timedelta
    ) -> None:
        self._deck, self._counted, self._turn, self._every = deck, counted, turn, every
        self._parts: dict[str, Part] = {}
        self._is_counting = False
        # Which were counted last, when, and of which revision of the fleet.
        self._last: tuple[tuple[str, ...], datetime, int] | None = None

    def forget(self) -> None:
        """They may be others by now: they are counted anew; until then what was counted stands."""
        self._last = None

    def complete(self, standing: "FleetStanding") -> "FleetStanding":
        """``standing`` with what is known of them, and begins to count what is not."""
        from ops.overview.query_groups import with_counted

        names = tuple(each.name for each in standing.groups if each.is_pending)
        if not names:
            return standing
        # The first look tells that something was decided, and what was counted before that would be counted anew.
        if not self._is_counting and self._deck.work.has_looked and self._is_old(names):
            self._count(names)
        return replace(standing, groups=with_counted(standing.groups, self._parts))

    def _is_old(self, names: tuple[str, ...]) -> bool:
        if self._last is None or self._last[0] != names:
            return True
        _, at, revision = self._last
        return revision != self._deck.fleet.revision and self._deck.clock() - at >= self._every

    def _count(self, names: tuple[str, ...]) -> None:
        deck = self._deck
        home, now = deck.home, deck.clock()
        self._last, self._is_counting = (names, now, deck.fleet.revision or 0), True

        def work() -> "Sequence[Part]":
            from ops.apart.reader import ask_apart
            from ops.overview.query_groups import count_groups

            with self._turn:
                return ask_apart(home, count_groups, names, now)

        def fail(error: PatchdeckError) -> None:
            from ops.overview.query_groups import failed_parts

            self._take(failed_parts(names, str(error)))

        in_thread(deck, work, self._take, fail, what="counting groups")

    def _take(self, parts: "Sequence[Part]") -> None:
        self._is_counting = False
        self._parts = {each.name: each for each in parts}
        self._counted()
