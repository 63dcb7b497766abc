"""A home that is opened read-only: what would change it is greyed, and says why when its key is pressed."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.app import App
from textual.binding import Binding
from textual.pilot import Pilot

from fleet.roles import Role
from ops.home import Home
from ops.permission import Closed, close_to_writing, open_to_writing
from tui.app import PatchdeckApp
from tui.commands import COMMANDS
from tui.permitting import role_of_action
from tui.screens.deck_screen import DeckScreen
from tui.screens.machines import MachinesScreen
from tui.screens.saved_queries import SavedQueries
from tui.views import VIEWS
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.fixture
def closed_home(fleet_home: Home) -> Iterator[Home]:
    close_to_writing(fleet_home.path, Closed("it is opened read-only", is_asked=True))
    yield fleet_home
    open_to_writing(fleet_home.path)


@pytest.mark.parametrize("key", ["a", "A", "o", "e"])
async def test_key_that_would_change_something_says_why_it_does_not(
    closed_home: Home, deck: Deck, until: UntilOf, key: str
) -> None:
    """No form opens that could not be kept in the end; the reason is told at once."""
    app = deck(closed_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press(key)
        await until(pilot)(lambda: app.said and "it is opened read-only" in app.said[-1].text)
        assert isinstance(app.screen, MachinesScreen)


async def test_looking_goes_on_read_only(closed_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Every view opens, filters and marks work, and commands that change something are refused."""
    app = deck(closed_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("space", "slash", *"web", "enter")
        assert app.screen.query_one(BigTable).contents.marks
        for key in "4567890W":
            await pilot.press(key)
            await until(pilot)(
                lambda: isinstance(app.screen, DeckScreen) and not isinstance(app.screen, MachinesScreen)
            )
        app.run_command("add")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith(":add: that takes an admin"))


@pytest.mark.parametrize("key", ["o", "r", "x"])
async def test_list_of_queries_opens_for_whoever_may_change_none(
    closed_home: Home, deck: Deck, until: UntilOf, key: str
) -> None:
    """Keys that would change a saved query say why they do not, before an editor or a form opens."""
    app = deck(closed_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3", "f2")
        await until(pilot)(
            lambda: isinstance(app.screen, SavedQueries) and len(app.screen.query_one(BigTable).contents) > 0
        )
        await pilot.press(key)
        await until(pilot)(lambda: app.said and "that takes an admin" in app.said[-1].text)
        assert isinstance(app.screen, SavedQueries)


@pytest.mark.parametrize("name", sorted(VIEWS))
def test_whatever_changes_something_takes_a_role(name: str) -> None:
    """On each view the keys that no viewer may press are those that are not named as harmless."""
    make = VIEWS[name]
    assert callable(make)
    screen = make()
    bindings = [each for base in type(screen).__mro__ for each in vars(base).get("BINDINGS", ())]
    actions = {each.action.partition("(")[0] for each in bindings if isinstance(each, Binding)}
    bare = {"add", "remove", "accept_key", "approve", "refuse", "retire", "restore", "forget", "set_secret", "switch"}
    assert all(role_of_action(screen, each) is Role.ADMIN for each in actions & bare)
    assert role_of_action(screen, "something_new") is Role.ADMIN


def test_commands_that_change_something_take_a_role() -> None:
    """The commands that a viewer may type are those that only look."""
    changing = {command.name for command in COMMANDS if command.role > Role.VIEWER}
    assert changing == {"run", "preview", "assess", "add", "edit", "import"}
