"""The palette over what `tui.palette` offers: in its order, searched in names and meanings, nothing of it markup."""

from typing import TYPE_CHECKING, cast

from rich.text import Text
from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from fleet.hostile import clean
from tui.palette import offered

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class DeckCommands(Provider):
    """What can be done on the screen that the palette was opened over: its own keys first, then the commands."""

    async def discover(self) -> Hits:
        """All of it, while nothing is typed."""
        for each in self._offered():
            yield DiscoveryHit(Text(each.title), each.callback, text=each.title, help=_plain(each.help))

    async def search(self, query: str) -> Hits:
        """What has the letters of ``query`` in its name, and then what has them in its meaning."""
        matcher = self.matcher(query)
        for each in self._offered():
            score = matcher.match(each.title) or matcher.match(each.help) / 2
            if score > 0:
                yield Hit(score, Text(each.title), each.callback, text=each.title, help=_plain(each.help))

    def _offered(self) -> list[SystemCommand]:
        deck = cast("PatchdeckApp", self.app)
        commands = offered(deck, self.screen)
        return [SystemCommand(clean(each.title), clean(each.help), each.callback) for each in commands]


def _plain(text: str) -> str:
    # Textual reads a str as markup; a Content it takes as it is.
    return cast("str", Content(text))
