"""The list of what may be written at the cursor: over the screen, drawn by ourselves, never with the focus."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Region
from textual.strip import Strip
from textual.widget import Widget

from fleet.hostile import scrub
from query.completion.candidates import Candidate
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style
from tui.widgets.line import cut_to_cells

MOST_ROWS = 8
# Names are cut at this; what they mean takes the rest.
_NAME_CELLS = 40
_LEAST_CELLS = 24
_MOST_CELLS = 76


class CompletionList(Widget):
    """Shows candidates below the cursor, or above it where there is no room; the editor steers it."""

    DEFAULT_CSS = f"""
    CompletionList {{
        layer: popup; position: absolute; display: none; background: $panel; width: auto; height: auto;
        & > .completion--chosen {{ text-style: reverse; }}
        {TONE_CSS}
    }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"completion--chosen", *TONE_CLASSES}

    def __init__(self, clicked: Callable[[int], None] | None = None) -> None:
        """``clicked`` is told the number of the candidate that was clicked."""
        super().__init__()
        self._clicked = clicked
        self._candidates: tuple[Candidate, ...] = ()
        self._chosen = 0
        self._name_cells = 0

    @property
    def is_open(self) -> bool:
        """Whether something is offered."""
        return bool(self._candidates)

    @property
    def chosen(self) -> Candidate | None:
        """What would be taken now."""
        return self._candidates[self._chosen] if self._candidates else None

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """What is offered."""
        return self._candidates

    def offer(self, candidates: Sequence[Candidate], at: Offset) -> None:
        """Offers ``candidates`` to who writes at ``at`` of the screen; none closes it."""
        self._candidates, self._chosen = tuple(candidates), 0
        self.styles.display = "block" if candidates else "none"
        if candidates:
            self._place(at)
            self.refresh()

    def close(self) -> None:
        """Offers nothing any more."""
        if self._candidates:
            self.offer((), Offset())

    def move(self, rows: int) -> None:
        """Chooses another one; behind the last comes the first."""
        self._chosen = (self._chosen + rows) % len(self._candidates)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click only chooses, and tells of it: taking is the editor's."""
        event.stop()
        number = min(self._top + event.y, len(self._candidates) - 1)
        if self._clicked is not None:
            self._clicked(number)
        self._chosen = number
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One candidate: its text, what it is, what it means."""
        width = self.size.width
        number = self._top + y
        if number >= len(self._candidates):
            return Strip.blank(width, tone_style(self, Tone.NORMAL))
        each = self._candidates[number]
        name = _padded(f" {each.text}", self._name_cells + 2)
        rest = _padded(f"{each.sort}  {each.meaning}" if each.meaning else each.sort, max(0, width - cell_len(name)))
        if number == self._chosen:
            chosen = self.get_component_rich_style("completion--chosen")
            return Strip([Segment(name + rest, chosen)]).adjust_cell_length(width, chosen)
        styles = tone_style(self, Tone.STRONG), tone_style(self, Tone.DIM)
        return Strip([Segment(name, styles[0]), Segment(rest, styles[1])]).adjust_cell_length(width, styles[1])

    @property
    def _top(self) -> int:
        return max(0, self._chosen - MOST_ROWS + 1)

    def _place(self, at: Offset) -> None:
        room = self.screen.size
        longest = max(cell_len(each.text) for each in self._candidates)
        self._name_cells = min(_NAME_CELLS, longest)
        about = max(len(each.sort) + len(each.meaning) + 3 for each in self._candidates)
        width = min(max(_LEAST_CELLS, self._name_cells + 3 + about), _MOST_CELLS, room.width)
        height = min(MOST_ROWS, len(self._candidates))
        y = at.y + 1 if at.y + 1 + height <= room.height - 1 else max(0, at.y - height)
        x = max(0, min(at.x - 1, room.width - width))
        region = Region(x, y, width, height)
        self.styles.width, self.styles.height = region.width, region.height
        self.styles.offset = (region.x, region.y)


def _padded(text: str, width: int) -> str:
    cut = cut_to_cells(scrub(text), width)
    return cut + " " * (width - cell_len(cut))
