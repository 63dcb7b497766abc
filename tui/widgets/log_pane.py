"""The last lines of a log under a table; nothing in it is interpreted, and only lines that changed are drawn anew."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from fleet.hostile import scrub
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style
from tui.widgets.line import cut_to_cells

_PADDING = 2


class LogPane(Widget):
    """Shows the end of what it is given; a line that is too long is cut with ``…``."""

    DEFAULT_CSS = f"LogPane {{ height: 6; {TONE_CSS} }}"
    COMPONENT_CLASSES: ClassVar[set[str]] = set(TONE_CLASSES)

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()
        self._notice = ""

    def show(self, lines: Sequence[str], notice: str = "") -> None:
        """Shows ``lines`` from now on, or ``notice`` where there are none."""
        before = self._shown
        self._lines, self._notice = tuple(lines), notice
        after = self._shown
        for number in range(max(len(before), len(after))):
            if before[number : number + 1] != after[number : number + 1]:
                self.refresh(Region(0, number, self.size.width, 1))

    @property
    def _shown(self) -> tuple[str, ...]:
        return self._lines[-self.size.height :] if self._lines and self.size.height else (self._notice,)

    def render_line(self, y: int) -> Strip:
        """One of the last lines."""
        width = self.size.width
        shown = self._shown
        if y >= len(shown):
            return Strip.blank(width, tone_style(self, Tone.NORMAL))
        text = cut_to_cells(scrub(shown[y]), max(1, width - 2 * _PADDING))
        style = tone_style(self, Tone.NORMAL if self._lines else Tone.DIM)
        return Strip([Segment(" " * _PADDING + text, style)]).adjust_cell_length(width, style)

    @property
    def text(self) -> str:
        """What is shown, for tests."""
        return "\n".join(self._shown)
