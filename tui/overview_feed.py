"""What the overview is fed with: read in threads, one read at a time, only what can have changed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from tui.background import in_thread
from tui.overview_groups import QueryGroups

if TYPE_CHECKING:
    from ops.overview.reading import FleetStanding, Overview
    from ops.overview.trend import TrendDay
    from tui.app import PatchdeckApp

# A day is a point of it: that of today moves slowly, and asking for all takes a second of a core.
TREND_EVERY = timedelta(minutes=10)
# An answer that gets too old is told a little later: judging ten thousand machines takes a tenth of a second.
JUDGED_EVERY = timedelta(minutes=2)


class OverviewFeed:
    """``overview`` and ``days`` are what was read last. ``take`` is called with each overview that is another than the
    one before, ``fail`` with an error, ``take_trend`` with the days and what kept them from being read anew.
    """

    def __init__(
        self,
        deck: "PatchdeckApp",
        take: "Callable[[Overview], None]",
        fail: Callable[[PatchdeckError], None],
        take_trend: "Callable[[Sequence[TrendDay] | None, str], None]",
    ) -> None:
        self.overview: Overview | None = None
        self.days: Sequence[TrendDay] | None = None
        self._deck = deck
        self._take, self._fail, self._take_trend = take, fail, take_trend
        self._is_reading = self._reads_again = self._is_asking = False
        self._service: object = None
        # Of which instant and revision machines were judged last, and when.
        self._judged: tuple[datetime | None, int | None, datetime] | None = None
        # As it was read: without the groups that are counted by others.
        self._standing: FleetStanding | None = None
        # The tables are asked for one thing after the other: by one process, which stays for the second.
        self._tables = Lock()
        self._groups = QueryGroups(deck, self._groups_counted, self._tables, TREND_EVERY)
        # Of which instant and when the trend was asked for last, and of which revision of the fleet.
        self._trend_of: tuple[datetime | None, datetime, int] | None = None

    def follow(self) -> None:
        """Reads what may be other than it was: machines only where they changed, or grew older by minutes."""
        deck, at = self._deck, self._judged
        is_same = at is not None and at[:2] == (deck.instant, deck.fleet.revision)
        if at is not None and is_same and deck.clock() - at[2] < JUDGED_EVERY:
            self.read_kept()
        else:
            self.read()

    def read(self) -> None:
        """Reads the overview, and the trend where it is old."""
        deck = self._deck
        if deck.fleet.revision is not None:
            self._judged = (deck.instant, deck.fleet.revision, deck.clock())
            self._begin(None)
            self._ask_trend(has_machines=bool(deck.fleet.statuses))

    def decide(self) -> None:
        """Somebody decided something: groups and the scope may be others."""
        self._judged, self._reads_again = None, self._is_reading
        self._groups.forget()

    def read_kept(self) -> None:
        """Reads runs, alerts and the service, over the same machines."""
        if self._standing is None or self._judged is None or self._deck.instant is not None:
            self.read()
        else:
            self._begin(self._standing)

    def _begin(self, standing: "FleetStanding | None") -> None:
        if self._is_reading:
            self._reads_again = True
            return
        self._is_reading = True
        deck = self._deck
        home, now, statuses, instant = deck.home, deck.clock(), deck.fleet.statuses, deck.instant

        def work() -> "Overview":
            from ops.overview.reading import overview_at, stand, with_kept

            if instant is not None:
                return overview_at(home, statuses, instant)
            # The query engine would stay in memory: a group of a query is counted by a process of its own.
            return with_kept(home, standing or stand(home, statuses, now, asks_queries=False), now)

        def take(overview: "Overview") -> None:
            # Of another instant than is shown by now: read again.
            self._reads_again |= deck.instant != instant
            self._read(overview)

        in_thread(deck, work, take, self._failed, what="reading the overview")

    def look_at_service(self) -> None:
        """Reads anew where the service began, ended or does something else; one cheap question."""
        deck = self._deck
        if self._is_reading or deck.instant is not None:
            return

        def work() -> object:
            from ops.overview.kept import service_now

            return service_now(deck.home)

        def take(seen: object) -> None:
            before, self._service = self._service, seen
            if before is not None and before != seen:
                self.read_kept()

        in_thread(deck, work, take, lambda _: None, what="looking at the service")

    def forget(self) -> None:
        """Forgets what was read: it is of another instant than what is to be shown."""
        self.overview, self.days, self._trend_of, self._judged, self._standing = None, None, None, None, None

    def _read(self, overview: "Overview") -> None:
        if not self._reads_again:
            self._standing = overview.standing
            self._show(overview)
        self._done()

    def _groups_counted(self) -> None:
        if self.overview is not None and self._standing is not None and not self.overview.is_past:
            self._show(replace(self.overview, standing=self._standing))

    def _show(self, overview: "Overview") -> None:
        overview = replace(overview, standing=self._groups.complete(overview.standing))
        if overview != self.overview:
            self.overview = overview
            self._take(overview)

    def _failed(self, error: PatchdeckError) -> None:
        self._fail(error)
        self._done()

    def _done(self) -> None:
        again, self._is_reading, self._reads_again = self._reads_again, False, False
        if again:
            self.read()

    def _ask_trend(self, *, has_machines: bool) -> None:
        deck = self._deck
        wanted = (deck.instant, deck.clock(), deck.fleet.revision or 0)
        if not has_machines or self._is_asking or not self._is_trend_old(*wanted):
            return
        self._trend_of, self._is_asking = wanted, True
        home, now, instant = deck.home, wanted[1], wanted[0]

        def work() -> "Sequence[TrendDay]":
            from ops.overview.trend import ask_trend_apart

            with self._tables:
                return ask_trend_apart(home, now, instant)

        def take(days: "Sequence[TrendDay]") -> None:
            self._is_asking = False
            if self._trend_of is None or self._trend_of[0] == instant == deck.instant:
                self.days = days
                self._take_trend(days, "")
            else:
                self.read()

        in_thread(deck, work, take, self._trend_failed, what="reading the trend")

    def _is_trend_old(self, instant: datetime | None, now: datetime, revision: int) -> bool:
        if self._trend_of is None or self._trend_of[0] != instant:
            return True
        _, asked_at, of_revision = self._trend_of
        is_other_day = asked_at.date() != now.date()
        return is_other_day or (revision != of_revision and now - asked_at >= TREND_EVERY)

    def _trend_failed(self, error: PatchdeckError) -> None:
        self._is_asking = False
        self._take_trend(self.days, str(error))
