"""What is done where an edit is not kept: a conflict with another one is shown and decided, all else is told."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast  # Any: things of every kind that can be edited

from fleet.edit_conflicts import EditConflict
from fleet.errors import PatchdeckError

if TYPE_CHECKING:
    from ops.cli.edit_conflict_talk import Choice
    from tui.app import PatchdeckApp

Failed = Callable[[PatchdeckError], None]


def or_conflict(deck: "PatchdeckApp", refused: Failed, keep: Callable[[Any, Any], None]) -> Failed:
    """What is called with the error of keeping an edit.

    Of a conflict the two edits are shown. Where mine is to win, ``keep`` is called with mine over theirs, and with
    theirs as that what was seen; where nothing is decided, and of any other error, ``refused``, which asks again with
    what was typed.
    """

    def failed(error: PatchdeckError) -> None:
        if not isinstance(error, EditConflict):
            refused(error)
            return
        from tui.screens.edit_conflict import EditConflictOverlay

        deck.push_screen(EditConflictOverlay(error), lambda choice: _decided(deck, error, choice, refused, keep))

    return failed


def _decided(
    deck: "PatchdeckApp",
    conflict: EditConflict,
    choice: "Choice | None",
    refused: Failed,
    keep: Callable[[Any, Any], None],
) -> None:
    from ops.cli.edit_conflict_talk import Choice

    if choice is Choice.MINE:
        keep(cast("Any", conflict.merged), conflict.theirs)
    elif choice is Choice.THEIRS:
        deck.say(f"{conflict.what.capitalize()} stays as {conflict.by} left it.")
        deck.work.look()
    else:
        refused(conflict)
