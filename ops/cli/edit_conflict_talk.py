"""An edit that met another one, told and settled at the terminal: theirs, mine over theirs, or a look at both."""

import sys
from collections.abc import Iterator
from enum import StrEnum

from fleet.edit_conflicts import EditConflict, EditedPlace
from ops.cli.terminal import say

_NOTHING = "(default)"


class Choice(StrEnum):
    """What becomes of the two edits; MINE is what was changed here, over what they changed elsewhere."""

    THEIRS = "t"
    MINE = "m"
    BOTH = "b"


def conflict_lines(conflict: EditConflict) -> Iterator[str]:
    """Who changed what and when; then each value that one of the two edits changed, those of both first."""
    yield conflict.headline
    for place in conflict.places:
        yield f"  {place.path or 'text'}: {describe_place(place)}"


def describe_place(place: EditedPlace) -> str:
    """What the two edits made of one value, on a line."""
    was = _short(place.was)
    if place.is_contested:
        return f"was {was}; theirs {_short(place.theirs)}; yours {_short(place.mine)}. BOTH changed it"
    if place.is_theirs and place.is_mine:
        return f"{was} → {_short(place.theirs)}, by both alike"
    whose, text = ("theirs", place.theirs) if place.is_theirs else ("yours", place.mine)
    return f"{was} → {_short(text)}, {whose}"


def ask_choice(conflict: EditConflict) -> Choice | None:
    """What is to become of the two edits; None where nobody sits at the terminal, or nothing was chosen."""
    if not sys.stdin.isatty():
        return None
    say(conflict.headline)
    while True:
        sys.stderr.write("[t]ake theirs, keep [m]ine over theirs, look at [b]oth, or enter to keep only your file: ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip().casefold()[:1]
        if answer == Choice.BOTH:
            for line in conflict_lines(conflict):
                say(line)
        elif answer in ("t", "m", ""):
            return Choice(answer) if answer else None


def _short(text: str | None) -> str:
    return _NOTHING if text is None else text.replace("\n", "⏎")[:120]
