"""A chart in the place of a table; drawn anew for each size."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from fleet.hostile import scrub
from tui.charts.drawing import draw_chart
from tui.charts.plan import ChartData
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style
from tui.widgets.line import Piece


class ChartView(Widget, can_focus=True):
    """Draws ``kind`` of chart from data; takes the focus, so that the keys of its pane work."""

    DEFAULT_CSS = f"ChartView {{ height: 1fr; padding: 0 1; display: none; {TONE_CSS} }}"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES)

    def __init__(self) -> None:
        super().__init__()
        self._kind = "bar"
        self._data: ChartData | None = None
        self._lines: tuple[tuple[int, int], list[list[Piece]]] | None = None

    def show(self, kind: str, data: ChartData) -> None:
        """Shows this from now on."""
        self._kind, self._data, self._lines = kind, data, None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the chart."""
        width, height = self.size
        lines = self._drawn(width, height)
        if y >= len(lines):
            return Strip.blank(width, tone_style(self, Tone.NORMAL))
        segments = [Segment(scrub(piece.text), tone_style(self, piece.tone)) for piece in lines[y]]
        return Strip(segments).adjust_cell_length(width, tone_style(self, Tone.NORMAL))

    def _drawn(self, width: int, height: int) -> Sequence[list[Piece]]:
        if self._lines is None or self._lines[0] != (width, height):
            drawn = draw_chart(self._kind, self._data, width, height) if self._data else []
            self._lines = ((width, height), drawn)
        return self._lines[1]
