"""The palette under keys that come many at once, as over a slow line."""

from collections.abc import Awaitable, Callable

import pytest
from textual import events
from textual.binding import Binding
from textual.command import CommandList, SearchIcon
from textual.pilot import Pilot

from ops.home import Home
from tests.tui.conftest import WorkedHome
from tui.active_keys import active_keys
from tui.app import PatchdeckApp
from tui.cells.ascii_text import in_ascii
from tui.commands import COMMANDS
from tui.presence import is_up
from tui.screens.machines import MachinesScreen
from tui.screens.palette_screen import PaletteScreen
from tui.views import VIEWS

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


async def test_every_action_of_every_view_is_offered(worked_home: WorkedHome, deck: Deck, until: UntilOf) -> None:
    """Whatever has a key and a meaning there can be found by name, also where it cannot be done now."""
    app = deck(worked_home.home)
    missing: dict[str, set[str]] = {}
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        for view in VIEWS.keys() - {"query"}:  # in its editor, keys are letters
            await app.switch_mode(view)
            await until(pilot)(lambda: is_up(app.screen))
            found = {entry.action for entry in active_keys(app, app.screen)}
            declared = {bound.action for bound in bindings_of(type(app.screen)) if bound.tooltip}
            if left := declared - found:
                missing[view] = left
            offered = {each.title for each in app.get_system_commands(app.screen)}
            assert {f":{command.name}" for command in COMMANDS} <= offered
    assert missing == {}


def bindings_of(kind: type) -> list[Binding]:
    """The bindings of ``kind`` and of what it derives from, without those whose keys do something else by then."""
    taken: set[str] = set()
    found = []
    for each in kind.__mro__:
        own = [bound for bound in vars(each).get("BINDINGS", ()) if isinstance(bound, Binding)]
        found += [bound for bound in own if not set(bound.key.split(",")) <= taken]
        taken |= {key for bound in own for key in bound.key.split(",")}
    return found


async def test_palette_has_no_sign_that_terminals_lack(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Each of its own characters has a stand-in where only ASCII is shown."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot)(lambda: isinstance(app.screen, PaletteScreen) and app.screen.query_one(CommandList))
        icon = str(app.screen.query_one(SearchIcon).render())
        assert "?" not in in_ascii(icon)
        assert icon.strip()


async def test_a_command_with_a_wrong_argument_says_one_line(
    worked_home: WorkedHome, deck: Deck, until: UntilOf
) -> None:
    """What is behind a command that takes nothing, and what is not behind one that needs it; the line stays."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        for typed, told in (
            ("overview [/x]", ":overview takes nothing behind it, and there is [/x]."),
            ("machine", "Name a machine; 1 shows which there are."),
            ("edit", "Name a machine; 1 shows which there are."),
            ("watch", "Name a run, or a deployment for its last one; 5 shows which there are."),
            ("run", "Name a deployment; 4 shows which there are."),
            ("machine nobody", "There is no machine 'nobody'."),
        ):
            app.run_command(typed)
            await until(pilot)(lambda told=told: app.said and app.said[-1].text == told)  # type: ignore[misc]  # a default binds it
            assert isinstance(app.screen, MachinesScreen)
        app.run_command("theme")
        await until(pilot)(lambda: isinstance(app.screen, PaletteScreen))
