"""The tabs of a screen, on one line; the one in front stands out by more than its colour."""

from collections.abc import Sequence

from tui.tones import Tone
from tui.widgets.line import Line, Piece


class TabLine(Line):
    """``[Updates 12]  Facts   Findings 2   History``."""

    DEFAULT_CSS = "TabLine { padding: 0 1; }"

    def show_tabs(self, names: Sequence[str], current: int) -> None:
        """Shows the tabs, ``current`` in front."""
        pieces = []
        for number, name in enumerate(names):
            is_current = number == current
            text = f"[{name}]" if is_current else f" {name} "
            pieces += [Piece(text, Tone.KEY if is_current else Tone.NORMAL), Piece(" ")]
        self.show(pieces, [Piece("tab next", Tone.DIM)])
