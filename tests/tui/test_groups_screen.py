"""The groups, driven by keys: who is in them and why, and definitions that show their members while one types."""

from collections.abc import Awaitable, Callable

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.groups.group import Group
from ops.groups import define_group, find_group, list_groups
from ops.home import Home
from tui.app import PatchdeckApp
from tui.group_words import GroupWords
from tui.screens.group import GroupScreen
from tui.screens.group_form import PAUSE_SECONDS, GroupForm
from tui.screens.groups import GroupsScreen
from tui.screens.machines import MachinesScreen
from tui.screens.table_screen import NO_PAST
from tui.widgets.detail import Detail
from tui.widgets.error_lines import ErrorLines
from tui.widgets.line import Line
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def grouped_home(fleet_home: Home) -> Home:
    """A fleet with a list, an expression that is unknown for a machine, and a group that cannot be evaluated."""
    define_group(fleet_home, Group("databases", ("db-*",), description="behind the proxy"))
    define_group(fleet_home, Group("old", expression="tag:env=prod and missing-security > 0"))
    define_group(fleet_home, Group("broken", query="no-such-query"))
    define_group(fleet_home, Group("all-old", ("group:old", "group:databases")))
    return fleet_home


def hint(app: App[int]) -> str:
    return app.screen.query_one(".hint", Detail).text


async def test_without_a_group_it_is_said_what_one_is_for(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The empty screen says what a group is and which key defines one."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: "No group is defined yet." in text_of(app))
        assert "n  define one" in text_of(app)


async def test_groups_tell_members_unknown_users_and_what_is_broken(
    grouped_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """A group that cannot be evaluated says so and leaves the others alone; unknown is counted apart."""
    app = deck(grouped_home)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: row_names(app) == ["all-old", "broken", "databases", "old"])
        cells = {row.cells[0]: row.cells for row in app.screen.query_one(BigTable).contents.rows}
        assert cells["databases"][2:4] == ("6", "0")
        assert cells["broken"][2:4] == ("?", "?")
        assert int(cells["old"][3]) > 0
        assert "group all-old" in cells["old"][5]
        await until(pilot)(lambda: "1 cannot be evaluated" in text_of(app))


async def test_groups_are_those_of_now_while_an_earlier_time_is_shown(
    grouped_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Their title says that they are; so are the machines in them, though none was enrolled then."""
    app = deck(grouped_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("asof 2026-09-01")
        await until(pilot)(lambda: app.instant is not None and not app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: row_names(app) == ["all-old", "broken", "databases", "old"])
        await until(pilot)(lambda: NO_PAST in text_of(app))
        cells = {row.cells[0]: row.cells for row in app.screen.query_one(BigTable).contents.rows}
        assert cells["databases"][2:4] == ("6", "0")


async def test_members_say_why_and_lead_to_the_machine(
    grouped_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Enter shows the members with what decides, those of which it is not known behind them; escape leads back."""
    app = deck(grouped_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("group old")
        await until(pilot)(lambda: isinstance(app.screen, GroupScreen) and row_names(app))
        rows = app.screen.query_one(BigTable).contents.rows
        assert "missing-security > 0 (it is " in rows[0].cells[2]
        assert rows[-1].cells[1] == "unknown"
        assert "not known" in rows[-1].cells[2]
        await pilot.press("enter")
        await until(pilot)(lambda: app.screen.crumb == rows[0].cells[0] if hasattr(app.screen, "crumb") else False)
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, GroupScreen))
        await pilot.press("m")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen))
        await until(pilot)(lambda: "of the group old" in app.said[-1].text)


async def test_members_are_shown_while_an_expression_is_typed(
    fleet_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """The form counts the members as they are now, and the group is kept as it was written."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: isinstance(app.screen, GroupsScreen) and app.screen.known is not None)
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, GroupForm))
        await pilot.press(*"webs", "tab", *"web-* and tag:env=prod")
        await until(pilot)(lambda: "Now 4 of 24 machines" in hint(app))
        assert "web-ams-01 web-*" in hint(app)
        await pilot.press("enter")
        await until(pilot)(lambda: row_names(app) == ["webs"])
    assert find_group(fleet_home, "webs").expression == "web-* and tag:env=prod"


async def test_members_are_shown_whatever_the_name_is(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """A name that cannot be used is told when it is kept; a target that names nobody at once."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        settled = until(pilot)
        await settled(lambda: app.fleet.statuses)
        await pilot.press("7")
        await settled(lambda: isinstance(app.screen, GroupsScreen))
        await pilot.press("n")
        await settled(lambda: isinstance(app.screen, GroupForm))
        app.screen.query_one("#field-name", Input).value = "a name"
        app.screen.query_one("#field-targets", Input).value = "db-* bd-1"
        await settled(lambda: "There is no machine 'bd-1'." in hint(app))
        assert hint(app).startswith("Now ")
        await pilot.press("enter")
        await settled(lambda: "Group name 'a name' is not usable" in hint(app))


async def test_mistake_in_an_expression_is_shown_at_its_place(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """While one types the caret stands below the mistake; enter keeps nothing and puts the cursor there."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("groups")
        await until(pilot)(lambda: isinstance(app.screen, GroupsScreen) and app.screen.known is not None)
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, GroupForm))
        await pilot.press(*"webs", "tab", *"tag:env=prod and systen = debian")
        await until(pilot)(lambda: "'systen'" in app.screen.query_one(ErrorLines).text)
        assert app.screen.query_one("#error-caret", Line).text.index("^") == len("tag:env=prod and ")
        await pilot.press("enter")
        expression = app.screen.query_one("#field-where", Input)
        await until(pilot)(lambda: expression.cursor_position == len("tag:env=prod and "))
    assert list_groups(fleet_home) == []


async def test_edit_begins_with_the_definition_and_refuses_a_circle(
    grouped_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A definition that would refer to itself is told in the form; what was typed stays."""
    app = deck(grouped_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("group old")
        await until(pilot)(lambda: isinstance(app.screen, GroupScreen) and app.screen.known is not None)
        await pilot.press("e")
        await until(pilot)(lambda: isinstance(app.screen, GroupForm))
        assert app.screen.query_one("#field-where", Input).value.startswith("tag:env=prod")
        await pilot.press("end", *" or group:all-old")
        await until(pilot)(lambda: "refer to themselves" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, GroupForm) and "refer to themselves" in hint(app))
        assert app.screen.query_one("#field-where", Input).value.endswith("or group:all-old")
    assert "all-old" not in find_group(grouped_home, "old").expression


async def test_group_in_use_is_not_removed(grouped_home: Home, deck: Deck, until: UntilOf, row_names: Names) -> None:
    """What refers to it is named at once; a group that nothing refers to goes once its name was typed."""
    app = deck(grouped_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: len(row_names(app)) == 4)
        await pilot.press("end", "D")
        await until(pilot)(lambda: "in use: group all-old" in app.said[-1].text)
        await pilot.press("home", "D", *"all-old", "enter")
        await until(pilot)(lambda: row_names(app) == ["broken", "databases", "old"])


async def test_groups_of_other_processes_appear(fleet_home: Home, deck: Deck, until: UntilOf, row_names: Names) -> None:
    """What another process defines is shown without a key."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("7")
        await until(pilot)(lambda: isinstance(app.screen, GroupsScreen) and app.screen.known is not None)
        define_group(fleet_home, Group("mine", ("web-*",)))
        await until(pilot)(lambda: row_names(app) == ["mine"])


async def test_why_a_group_was_refused_stays_until_something_is_changed(
    grouped_home: Home, deck: Deck, until: UntilOf
) -> None:
    """The first texts of the fields are no change, and begin no look at the members."""
    app = deck(grouped_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        words = GroupWords((), (), (), ())
        app.push_screen(GroupForm(app, words, Group("webs", expression="name:web-*"), reason="There is another one."))
        await until(pilot)(lambda: isinstance(app.screen, GroupForm) and hint(app))
        await pilot.pause(2 * PAUSE_SECONDS)
        assert hint(app) == "There is another one."
        app.screen.query_one("#field-where", Input).value = "tag:env=prod"
        await until(pilot)(lambda: hint(app) not in ("", "There is another one."))
