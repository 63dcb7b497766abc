"""`:diff`: from the command's words to the screen that compares two instants."""

from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.instants import instant_text
from tui.background import in_thread

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

_SEPARATOR = " to "


def show_difference(deck: "PatchdeckApp", text: str) -> None:
    """Compares the instants that ``text`` names, ``FROM`` or ``FROM to TO``; TO is what the app shows where none is.

    The times may have blanks in them. Without any text, what has changed since yesterday. How long ago a time is counts
    from the present where TO is given, so that both mean the same; else from what the app shows.

    Raises:
        BadInput: see `ops.instants.past_instant`; TO comes before FROM.
    """
    begins, _, ends = (text.strip() or "24h").partition(_SEPARATOR)
    shown, present = deck.clock(), deck.travel.present()

    def read() -> tuple[datetime, datetime]:
        from ops.instants import past_instant

        since = past_instant(deck.home, begins, present if ends.strip() else shown)
        until = past_instant(deck.home, ends, present) if ends.strip() else shown
        if until < since:
            raise BadInput(f"{instant_text(until)} is before {instant_text(since)}: write the earlier time first.")
        return since, until

    def show(instants: tuple[datetime, datetime]) -> None:
        from tui.screens.diff import DiffScreen

        deck.push_screen(DiffScreen(*instants))

    in_thread(deck, read, show, deck.refusal(), what="reading the times", opens=True)
