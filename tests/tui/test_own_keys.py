"""Keys and commands of the user's own, from config.toml."""

from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

from ops.home import Home
from tests.tui.conftest import screen_text
from tui.app import PatchdeckApp
from tui.key_ids import action_id, scope_of
from tui.screens.known import KnownScreen
from tui.screens.run_machine import RunMachineScreen
from tui.screens.sort_picker import SortPicker
from tui.widgets.key_bar import KeyBar
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
CONFIG = """
[keys]
"machines.mark" = "f10"
"every-table.sort" = ["alt+s", "f11"]
"table.move-1" = "alt+j"
"overlay.leave" = "f12"
[app.keys]
"ctrl+w" = "prod"
[app.aliases]
prod = "machines tags:prod"
"""


def test_ids_are_derived_from_classes_and_actions() -> None:
    """Nobody has to give any."""
    assert scope_of(RunMachineScreen) == "run-machine"
    assert action_id("view('_default')") == "view-default"
    assert action_id("app.focus_next") == "focus-next"
    assert action_id("move(-1)") == "move-minus-1"


async def test_keys_are_those_of_the_user(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """On screens, in tables and in overlays; the default does nothing any more, and the row of keys shows the new."""
    fleet_home.config_file.write_text(CONFIG, encoding="utf-8")
    app = deck(fleet_home)
    app.take_own_keys()
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await pilot.press("j", "space", "alt+j", "f10")
        await until(pilot)(lambda: len(table.contents.marks) == 1)
        assert table.cursor == 2
        assert "f10 mark" in app.screen.query_one(KeyBar).text
        assert "space" not in app.screen.query_one(KeyBar).text
        await pilot.press("s", "f11")
        await until(pilot)(lambda: isinstance(app.screen, SortPicker))
        await pilot.press("f12")
        await until(pilot)(lambda: not isinstance(app.screen, SortPicker))
        await pilot.press("6")
        await until(pilot)(lambda: isinstance(app.screen, KnownScreen))
        await pilot.press("ctrl+w")
        await until(pilot)(lambda: app.current_mode == "_default" and table.filter_text == "tags:prod")
        fleet_home.config_file.write_text('[app.keys]\nf10 = "machines db"\n', encoding="utf-8")
        app.take_own_keys()
        await pilot.press("ctrl+w", "f10")
        await until(pilot)(lambda: table.filter_text == "db")
        await pilot.press("space")
        await until(pilot)(lambda: "space mark" in app.screen.query_one(KeyBar).text)


async def test_hints_name_the_keys_of_the_user(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """What an empty screen offers, and what a title tells of: a key that does nothing any more is no help."""
    fleet_home.config_file.write_text(
        '[keys]\n"groups.add" = "f10"\n"folding.unfold" = "f12"\n"app.view-default" = "f11"\n', encoding="utf-8"
    )
    app = deck(fleet_home)
    app.take_own_keys()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await app.switch_mode("groups")
        await until(pilot)(lambda: "f10  define one" in screen_text(app))
        assert app.keymap.key_of(app.screen, "1") == "f11"
        assert app.keymap.key_of(app.screen, "z") == "f12"
        assert app.keymap.key_of(app.screen, "e") == "e"
