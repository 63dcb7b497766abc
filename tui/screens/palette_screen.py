"""The palette on the screen: Textual's, from which one thing is chosen once, whatever was typed ahead of it."""

from typing import cast

from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, SearchIcon
from textual.events import Mount
from textual.message import Message
from textual.widgets import Input, OptionList

from tui.key_order import KeyOrder


class PaletteScreen(CommandPalette):
    """Over a slow line keys come many at once. Textual's own palette takes a second enter for another choice, when it
    is closed already, and breaks where the view was changed before it stood.
    """

    # As other panes: nothing below is dimmed, and no more of it is covered than is needed. That is two thirds of the
    # bytes that Textual's own takes to open and to close.
    DEFAULT_CSS = """
    PaletteScreen { background: transparent; }
    PaletteScreen > Vertical {
        margin-top: 1; width: 76; max-width: 100%; background: $surface;
        &:dark { background: $surface; }
    }
    PaletteScreen #--input, PaletteScreen CommandList {
        border: none; border-left: outer $accent; border-right: outer $accent; background: $surface;
    }
    PaletteScreen #--input Label { margin-top: 0; }
    PaletteScreen CommandList { max-height: 18; scrollbar-size-vertical: 1; }
    PaletteScreen LoadingIndicator, PaletteScreen LoadingIndicator.--visible { border: none; }
    """
    _is_over = False

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Closes it; from now on nothing is chosen."""
        if not self._is_over:
            deck = cast("KeyOrder", self.app)
            deck.closed_by(deck.key_in_work)
        self._is_over = True
        return super().dismiss(result)

    def on_mount(self) -> None:
        """Puts a sign that every terminal has in the place of Textual's magnifier."""
        self.query_one(SearchIcon).icon = "›"

    def on_screen_resume(self) -> None:
        """Closes what never stood, once its view is in front again."""
        if self._is_over and self.app.screen is self:
            super().dismiss(None)

    async def _dispatch_message(self, message: Message) -> None:
        if isinstance(message, Mount) and self.app.screen is not self:
            self._is_over = True
            return
        if self._is_over and isinstance(message, (Input.Changed, Input.Submitted, OptionList.OptionSelected)):
            return
        await super()._dispatch_message(message)
