"""The palette under keys that come many at once, as over a slow line."""

from collections.abc import Awaitable, Callable

import pytest
from textual import events
from textual.command import CommandList
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.palette_screen import PaletteScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


async def test_second_enter_chooses_nothing_more(
    fleet_home: Home, deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was chosen is done once, and the screen beneath stays."""
    app = deck(fleet_home)
    done: list[str] = []
    monkeypatch.setattr(app, "run_command", done.append)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        stack = list(app.screen_stack)
        await pilot.press("ctrl+p", *":missing")
        await until(pilot)(lambda: app.screen.query_one(CommandList).highlighted is not None)
        for _ in range(4):
            app.post_message(events.Key("enter", "\r"))
        await until(pilot)(lambda: done)
        await pilot.pause()
        assert (done, app.screen_stack) == (["missing"], stack)


async def test_palette_whose_view_goes_before_it_stands_is_closed(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """A command that leads elsewhere, and the palette at once: it is not there, nor when one comes back."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.action_command_palette()
        app.switch_mode("missing")
        await until(pilot)(lambda: app.current_mode == "missing" and app.screen.is_running)
        assert not isinstance(app.screen, PaletteScreen)
        await pilot.press("ctrl+p")
        await until(pilot)(lambda: isinstance(app.screen, PaletteScreen))
        await pilot.press("escape")
        await until(pilot)(lambda: not isinstance(app.screen, PaletteScreen))
        await app.switch_mode(app.DEFAULT_MODE)
        await until(pilot)(lambda: not isinstance(app.screen, PaletteScreen))
