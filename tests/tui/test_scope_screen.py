"""The scope, driven by keys: what may be touched, and whom a change would leave outside."""

from collections.abc import Awaitable, Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.groups.group import Group
from ops.groups import define_group
from ops.home import Home
from ops.scoping import add_to_scope, find_scope
from tui.app import PatchdeckApp
from tui.screens.name_form import NameForm
from tui.screens.scope import ScopeScreen
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def grouped_home(fleet_home: Home) -> Home:
    define_group(fleet_home, Group("databases", ("db-*",)))
    define_group(fleet_home, Group("webs", ("web-*",)))
    return fleet_home


async def test_group_comes_into_the_scope_once_its_name_was_typed(
    grouped_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """The form says who may be touched then; afterwards the machines outside say so on every screen."""
    app = deck(grouped_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("8")
        await until(pilot)(lambda: row_names(app) == ["databases", "webs"])
        assert "no scope: every enrolled machine may be touched" in text_of(app)
        await pilot.press("a")
        await until(pilot)(
            lambda: isinstance(app.screen, NameForm) and "6 of 24 machines may be touched" in text_of(app)
        )
        await pilot.press(*"databases", "enter")
        await until(pilot)(lambda: isinstance(app.screen, ScopeScreen) and "6 of 24 machines may be" in text_of(app))
        await pilot.press("tab", "tab")
        await until(pilot)(lambda: len(row_names(app)) == 18)
        assert app.screen.query_one(BigTable).contents.rows[0].cells[1] == "not in the group databases"
        await pilot.press("1")
        await until(pilot)(lambda: "outside-scope" in text_of(app))
    scope = find_scope(grouped_home)
    assert scope is not None
    assert scope.groups == ("databases",)


async def test_last_group_goes_only_by_the_word_that_widens(
    grouped_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """Without a group everything may be touched: the group's name is not enough for that."""
    add_to_scope(grouped_home, ["webs"])
    app = deck(grouped_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("8")
        await until(pilot)(lambda: row_names(app) == ["webs", "databases"])
        await pilot.press("x")
        await until(pilot)(lambda: "This widens the scope" in app.screen.query_one(".hint", Detail).text)
        await pilot.press(*"webs", "enter")
        await until(pilot)(lambda: "Type all to go on" in text_of(app))
        assert find_scope(grouped_home) is not None
        await pilot.press(*["backspace"] * 4, *"all", "enter")
        await until(pilot)(lambda: find_scope(grouped_home) is None)
