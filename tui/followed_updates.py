"""Missing updates that a screen is about: those of them that are missing still, as the fleet changes under it."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ops.apart.reader import ask_apart
from ops.missing import MissingUpdate

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class FollowedUpdates:
    """``missing``, as whoever opens a screen over it has just read it."""

    def __init__(self, missing: Sequence[MissingUpdate]) -> None:
        self._now = self._given = tuple(missing)
        # Of which revision and instant they were read; None: as they were given.
        self._seen: tuple[int | None, datetime | None] | None = None

    def read(self, deck: "PatchdeckApp") -> tuple[MissingUpdate, ...]:
        """Those that are missing by now, or at the instant that the app shows; the tables are asked only where machines
        or the instant changed. Blocking, in a thread.

        At an earlier instant, where what was given may be of another, they are asked at once.

        Raises:
            StoreBusy: another process holds the tables.
        """
        seen = (deck.fleet.revision, deck.instant)
        is_just_given = self._seen is None and deck.instant is None
        if not is_just_given and seen != self._seen:
            from ops.why.finding import still_missing

            self._now = tuple(ask_apart(deck.home, still_missing, self._given, seen[1]))
        self._seen = seen
        return self._now
