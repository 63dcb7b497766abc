"""The rule over a pane: its title with the facts, in the accent colour while the pane has the focus."""

from fleet.hostile import clean
from tui.tones import Tone
from tui.widgets.line import Line, Piece, cut_to_cells

# A title is cut rather than left out; the facts beside it are left out rather than cut.
TITLE_CELLS = 60


class TitleRule(Line):
    """``─ Machines 37 of 45 ─ filter: web ───── +3 cols ─``: the only border that a pane has."""

    FILL = "─"
    DEFAULT_CSS = "TitleRule { color: $text-disabled; }"

    def show_title(self, title: str, *facts: Piece, right: str = "", key: str = "") -> None:
        """Shows ``title``, then each fact with a space before it; at the end ``right`` and ``key``, as they fit."""
        left = [Piece("─ ", Tone.NORMAL), Piece(f"{cut_to_cells(clean(title), TITLE_CELLS)} ", Tone.STRONG)]
        for fact in facts:
            left += [Piece("─ ", Tone.NORMAL), Piece(f"{fact.text} ", fact.tone)]
        ends = [Piece(f" {each} ─", Tone.DIM) for each in (right, key) if each]
        self.show(left, ends)
