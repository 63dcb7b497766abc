"""The row at the top: where you are, and what is true of the whole fleet."""

from collections.abc import Sequence

from fleet.hostile import clean
from tui.tones import Tone
from tui.widgets.line import Line, Piece, cut_to_cells

# A name in the path is cut at this; its own screen shows it whole.
CRUMB_CELLS = 32


class ContextBar(Line):
    """``Patchdeck › Machines › web-01          42 of 45 assessed · 17 non-compliant``."""

    DEFAULT_CSS = "ContextBar { background: $panel; padding: 0 1; }"

    def show_context(self, title: str, crumbs: Sequence[str], facts: Sequence[Piece]) -> None:
        """Shows the path of ``crumbs``, the last one strong, and ``facts`` from the most to the least important."""
        left = [Piece(title, Tone.ACCENT)]
        for number, crumb in enumerate((cut_to_cells(clean(each), CRUMB_CELLS) for each in crumbs), start=1):
            left += [Piece(" › ", Tone.DIM), Piece(crumb, Tone.STRONG if number == len(crumbs) else Tone.NORMAL)]
        right = []
        for number, fact in enumerate(facts):
            text = f" · {fact.text}" if number else fact.text
            right.append(Piece(text, fact.tone))
        self.show(left, right)
