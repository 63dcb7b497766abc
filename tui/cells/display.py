"""An app that sends only what changes on its screen."""

from typing import Any, ClassVar

from rich.console import RenderableType
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.screen import Screen

from tui.cells.screen import CellScreen
from tui.cells.update import thin_out


class ThinDisplay(App[int]):
    """Stands between Textual, which sends regions, and the driver, whose ``cells`` are what its terminal shows.

    A driver without cells gets what Textual sends.
    """

    # Whether the terminal shows nothing but ASCII: its driver sends stand-ins for all else.
    is_ascii = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+l", "redraw", "redraw", show=False, tooltip="Draw the whole screen anew"),
    ]

    def action_redraw(self) -> None:
        """Draws all of the screen, over whatever somebody else wrote there."""
        self._forget()
        self.screen.refresh(layout=True)

    def on_resize(self, event: Resize) -> None:
        """Draws all anew where the size is what it was: a terminal that was smaller meanwhile shows nothing of it.

        The size that is told at the start, before anything can have changed, is not such a one.
        """
        if self._size is None:
            return
        is_first_word = getattr(self._driver, "is_first_word", None)
        if is_first_word is not None and is_first_word(event):
            return
        if event.size == self._size:
            self.action_redraw()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, self._thin(renderable))

    @property
    def _cells(self) -> CellScreen | None:
        return getattr(self._driver, "cells", None)

    def _forget(self) -> None:
        if self._cells is not None:
            self._cells.forget()

    def _thin(self, renderable: RenderableType | None) -> RenderableType | None:
        cells = self._cells
        if cells is None or renderable is None or self._batch_count or not self._running or self._closed:
            return renderable
        if isinstance(renderable, LayoutUpdate | ChopsUpdate):
            return thin_out(renderable, cells, self.console, *self.size)
        self._forget()
        return renderable
