"""Missing updates that a screen is about: those of them that are missing still, as the fleet changes under it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ops.apart.reader import ask_apart
from ops.missing import MissingUpdate

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class FollowedUpdates:
    """``missing``, as whoever opens a screen over it has just read it."""

    def __init__(self, missing: Sequence[MissingUpdate]) -> None:
        self._now = self._given = tuple(missing)
        self._revision: int | None = None

    def read(self, deck: "PatchdeckApp") -> tuple[MissingUpdate, ...]:
        """Those that are missing by now; the tables are asked only where machines changed. Blocking, in a thread.

        At an earlier instant, where what was given may be of then, they are asked at once.

        Raises:
            StoreBusy: another process holds the tables.
        """
        revision, before = deck.fleet.revision, self._revision
        is_just_given = before is None and deck.instant is None
        if not is_just_given and revision != before:
            from ops.why.finding import still_missing

            self._now = tuple(ask_apart(deck.home, still_missing, self._given))
        self._revision = revision
        return self._now
