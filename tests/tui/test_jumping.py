"""Jump mode, the mouse, and the real commands: ways to whatever is on the screen."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.jumping import labels_for
from tui.screens.full_text import FullText
from tui.screens.jump import JumpOverlay
from tui.screens.machine import MachineScreen
from tui.screens.machines import MachinesScreen
from tui.screens.remote_commands import RemoteCommandsOverlay
from tui.screens.sort_picker import SortPicker
from tui.widgets.context_bar import ContextBar
from tui.widgets.key_bar import KeyBar
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


def test_no_label_begins_another() -> None:
    """One letter where that is enough, else two for all."""
    assert labels_for(3) == ["a", "s", "d"]
    many = labels_for(60)
    assert len(set(many)) == 60
    assert {len(label) for label in many} == {2}


async def test_letters_lead_to_a_row_and_to_a_tab(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """``'`` and a letter; what leads nowhere leaves everything as it is."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await pilot.press("apostrophe")
        await until(pilot)(lambda: isinstance(app.screen, JumpOverlay))
        await pilot.press("d")
        await until(pilot)(lambda: table.cursor == 2 and isinstance(app.screen, MachinesScreen))
        await pilot.press("apostrophe", "escape", "apostrophe", "0")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen) and table.cursor == 2)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        tabs = app.screen.query_one(TabLine)
        await until(pilot)(lambda: tabs.starts)
        await pilot.press("f7")
        await until(pilot)(lambda: isinstance(app.screen, JumpOverlay))
        await pilot.press("s")
        await until(pilot)(lambda: tabs.current == 1)


async def test_mouse_does_what_keys_do(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """A click on a key presses it, on a tab brings it, on the path goes back; a double click opens."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        text = app.screen.query_one(KeyBar).text
        await pilot.click(KeyBar, offset=(1 + text.index("s sort"), 0))
        await until(pilot)(lambda: isinstance(app.screen, SortPicker))
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen))
        await pilot.click(BigTable, offset=(4, 3), times=2)
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        tabs = app.screen.query_one(TabLine)
        await until(pilot)(lambda: len(tabs.starts) > 2)
        await pilot.click(TabLine, offset=(tabs.starts[2] + 1, 0))
        await until(pilot)(lambda: tabs.current == 2)
        path = app.screen.query_one(ContextBar).text
        await pilot.click(ContextBar, offset=(1 + path.index("Machines"), 0))
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen))


async def test_at_shows_the_real_commands(fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Of the machine under the cursor: what an assessment runs, by enter with all of its script."""
    app = deck(fleet_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("at")
        await until(pilot)(
            lambda: isinstance(app.screen, RemoteCommandsOverlay) and "ssh admin@192.0.2." in text_of(app)
        )
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText) and "marker=patchdeck-…" in text_of(app))
