"""Stepping through the past: to the change before or after the instant that is shown, or a day on."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from tui.background import in_thread

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

_DAY = timedelta(days=1)


def neighbour(changes: Sequence[datetime], at: datetime, step: int) -> datetime | None:
    """The one of ``changes``, which are in order, that comes before ``at`` (-1) or after it (1); None at the end."""
    place = bisect_left(changes, at) - 1 if step < 0 else bisect_right(changes, at)
    return changes[place] if 0 <= place < len(changes) else None


def step_day(deck: "PatchdeckApp", step: int) -> None:
    """Shows the instant a day before or after the one that is shown; now where that is yet to come."""
    try:
        instant = deck.travel.heading_for + step * _DAY
    except OverflowError:  # somebody went to the first day of all: datetime.min
        deck.say("There is no day before.")
        return
    _go(deck, instant)


def step_change(deck: "PatchdeckApp", track: str, key: str, step: int) -> None:
    """Shows the instant of the change before or after the one that is shown; now after the last."""
    from ops.past.changes import Track, list_changes

    def stepped(changes: Sequence[datetime]) -> None:
        deck.travel.changes[(track, key)] = changes
        found = neighbour(changes, deck.travel.heading_for, step)
        if found is not None:
            _go(deck, found)
        elif step > 0:
            deck.travel.come_back()
        else:
            deck.say(f"Nothing of {track} is known of before.")

    known = deck.travel.changes.get((track, key)) if deck.instant is not None else None
    if known is not None:
        stepped(known)
    else:
        read = lambda: list_changes(deck.home, Track(track), key)  # noqa: E731  # one expression, used once
        in_thread(deck, read, stepped, deck.complain, what="looking for changes")


def _go(deck: "PatchdeckApp", instant: datetime) -> None:
    try:
        if instant < deck.travel.present():
            deck.travel.go(instant)
        else:
            deck.travel.come_back()
    except PatchdeckError as error:
        deck.complain(error)
