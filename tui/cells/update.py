"""Textual's updates of the screen, made thin: the strips in them, and the update that is sent in their place."""

from collections.abc import Iterator

from rich.color import ColorSystem
from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate

from tui.cells.screen import CellScreen, Placed


class ThinUpdate(CompositorUpdate):
    """Sends a text that is ready."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console, options
        yield Segment(self._text)

    def render_segments(self, console: Console) -> str:
        """The text."""
        del console
        return self._text


def thin_out(
    update: LayoutUpdate | ChopsUpdate, cells: CellScreen, console: Console, width: int, height: int
) -> ThinUpdate | None:
    """What of ``update`` a screen that shows ``cells`` does not show yet; None if nothing."""
    colours = console._color_system or ColorSystem.TRUECOLOR
    text = cells.draw(_placed(update), colours, width, height)
    return ThinUpdate(text) if text else None


def _placed(update: LayoutUpdate | ChopsUpdate) -> Iterator[Placed]:
    return _of_layout(update) if isinstance(update, LayoutUpdate) else _of_chops(update)


def _of_layout(update: LayoutUpdate) -> Iterator[Placed]:
    for y, line in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in line:
            yield y, x, strip
            x += strip.cell_length


def _of_chops(update: ChopsUpdate) -> Iterator[Placed]:
    """As `ChopsUpdate.render_segments` places them."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > x2 or end <= x1:
                continue
            is_whole = x2 > x >= x1 and end <= x2
            yield y, x, strip if is_whole else strip.crop(0, min(end, x2) - x)
