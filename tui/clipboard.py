"""Copying several lines to the terminal's clipboard; one line is `PatchdeckApp.copy`'s."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.hostile import clean, scrub

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

# What terminals take in one OSC 52: k9s and tmux stop at 74,994 bytes, of Base64.
MOST_COPIED = 74_994 * 3 // 4


def copy_lines(deck: "PatchdeckApp", lines: Sequence[str], what: str) -> None:
    """Copies ``lines``, each without what steers a terminal, and says so; ``what`` names them."""
    text = "\n".join(scrub(line) for line in lines)
    if len(text.encode()) > MOST_COPIED:
        deck.say(f"{clean(what)} is too long for a terminal's clipboard: ctrl+e writes the answer to a file.")
        return
    deck.copy_to_clipboard(text)
    deck.say(f"Copied {clean(what)} to the terminal's clipboard (OSC 52).")
