"""News of a screen that is being left: its widgets go one after the other, and it shows nothing any more."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.presence import is_up
from tui.run_feed import RunFeed
from tui.screens.deck_screen import DeckScreen
from tui.screens.run_machine import RunMachineScreen
from tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


class LastTabs(TabLine):
    """Tabs by whose end more news come."""

    def on_unmount(self) -> None:
        """Tells its screen."""
        screen = cast("LateScreen", self.screen)
        screen.heard.append(screen.is_attached)
        screen.fleet_changed()
        screen.on_screen_resume()


class LateScreen(RunMachineScreen):
    """A machine of a run that hears of news when its first widget is gone; whether it was attached is in ``heard``."""

    def __init__(self, heard: list[bool], feed: RunFeed, machine_id: str) -> None:
        super().__init__(feed, machine_id)
        self.heard = heard

    def above_table(self) -> ComposeResult:
        """Other tabs."""
        yield LastTabs()


async def test_news_that_come_while_a_screen_is_left_are_not_shown(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf
) -> None:
    """A slow machine is still reading when one goes back, or quits: some widgets are gone, the screen is attached."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        live = worked_home.live
        heard: list[bool] = []
        screen = LateScreen(heard, RunFeed(worked_home.home, live.run.id), live.machines[1].machine_id)
        app.push_screen(screen)
        await until(pilot)(lambda: screen.feed.run and is_up(screen))
        await app.pop_screen()
        await until(pilot)(lambda: heard)
        assert heard == [True]
        assert not is_up(screen)
        assert is_up(cast("DeckScreen", app.screen))
