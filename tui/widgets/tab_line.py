"""The tabs of a screen, on one line; the one in front stands out by more than its colour."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events

from tui.tones import Tone
from tui.widgets.line import Line, Piece


class TabLine(Line):
    """``[Updates 12]  Facts   Findings 2   History``."""

    DEFAULT_CSS = "TabLine { padding: 0 1; }"

    # Where each tab begins, in cells from the left edge; which is in front.
    starts: Sequence[int] = ()
    current = 0

    def on_click(self, event: events.Click) -> None:
        """A click brings a tab to the front."""
        numbers = [number for number, start in enumerate(self.starts) if start <= event.x]
        if numbers:
            self.bring(numbers[-1])

    def bring(self, number: int) -> None:
        """Brings a tab to the front, as the keys of its screen do."""
        turn = getattr(self.screen, "action_turn", None)
        if turn is not None and number != self.current:
            turn(number - self.current)

    def show_tabs(self, names: Sequence[str], current: int, key: str = "tab") -> None:
        """Shows the tabs, ``current`` in front, and the key that goes to the next one."""
        pieces = []
        starts: list[int] = []
        at = 1  # behind the padding
        for number, name in enumerate(names):
            is_current = number == current
            text = f"[{name}]" if is_current else f" {name} "
            starts.append(at)
            at += cell_len(text) + 1
            pieces += [Piece(text, Tone.KEY if is_current else Tone.NORMAL), Piece(" ")]
        self.starts, self.current = starts, current
        self.show(pieces, [Piece(f"{key} next", Tone.DIM)])
