"""Forms over what somebody else changes meanwhile: shown with who, when and what, decided by a key, nothing lost."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any  # things of every kind that can be edited

import pytest
from textual.app import App
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.groups.group import Group
from ops.deployments.definitions import find_deployment, remove_deployment
from ops.groups import define_group, find_group
from ops.home import Home, open_home
from tests.ops.test_edit_conflicts import KINDS
from tests.tui.conftest import WorkedHome
from tui import alert_deeds, channel_deeds, deployment_deeds, group_deeds, machine_deeds, profile_deeds, report_deeds
from tui.app import PatchdeckApp
from tui.screens.deployment_form import DeploymentForm
from tui.screens.edit_conflict import EditConflictOverlay
from tui.screens.form import Form
from tui.screens.full_text import FullText
from tui.screens.machines import MachinesScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]

DEEDS: dict[str, Callable[..., None]] = {
    "profile": profile_deeds.edit,
    "channel": channel_deeds.edit,
    "alert": alert_deeds.edit,
    "report": report_deeds.edit_schedule,
}


def _type(app: App[int], field: str, text: str) -> None:
    app.screen.query_one(f"#field-{field}", Input).value = text


async def test_edit_conflict_is_decided_by_a_key(fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Escape goes back to what was typed, t takes theirs, m keeps mine over theirs; at 80x24 all of it can be read."""
    seen = Group("web", ("web-*",))
    define_group(fleet_home, seen)
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        group_deeds.edit(app, seen)
        await until(pilot)(lambda: isinstance(app.screen, Form))
        define_group(fleet_home, replace(seen, targets=("db-*",), description="theirs"), replace=True)
        _type(app, "description", "mine")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay))
        await until(pilot)(lambda: "BOTH" in text_of(app) and "db-*" in text_of(app))
        assert "changed group web at 20" in text_of(app)
        assert "esc back to what you typed" in text_of(app)

        await pilot.press("b")
        await until(pilot)(lambda: isinstance(app.screen, FullText))
        await pilot.press("escape", "escape")
        await until(pilot)(lambda: isinstance(app.screen, Form))
        assert app.screen.query_one("#field-description", Input).value == "mine"
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("m")
        await until(pilot)(lambda: find_group(fleet_home, "web").description == "mine")
        assert find_group(fleet_home, "web").targets == ("db-*",)


async def test_theirs_can_be_taken(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Nothing is kept of mine, and the form is gone."""
    seen = Group("web", ("web-*",))
    define_group(fleet_home, seen)
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        group_deeds.edit(app, seen)
        await until(pilot)(lambda: isinstance(app.screen, Form))
        define_group(fleet_home, replace(seen, description="theirs"), replace=True)
        _type(app, "description", "mine")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("t")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen))
        assert find_group(fleet_home, "web").description == "theirs"
        assert "stays as" in app.said[-1].text


async def test_who_edits_while_a_conflict_is_shown_loses_nothing(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Mine over theirs is mine over what was shown: what came later is another conflict, shown anew."""
    seen = Group("web", ("web-*",))
    define_group(fleet_home, seen)
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        group_deeds.edit(app, seen)
        await until(pilot)(lambda: isinstance(app.screen, Form))
        define_group(fleet_home, replace(seen, description="theirs"), replace=True)
        _type(app, "description", "mine")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay))
        first = app.screen
        define_group(fleet_home, replace(seen, description="theirs", targets=("db-*",)), replace=True)
        for _ in range(3):  # held
            app.post_message(Key("m", "m"))
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay) and app.screen is not first)
        await until(pilot)(lambda: "db-*" in text_of(app))
        assert find_group(fleet_home, "web").description == "theirs"
        await asyncio.sleep(0.1)  # the key is let go
        await pilot.press("m")
        await until(pilot)(lambda: find_group(fleet_home, "web").description == "mine")
        assert find_group(fleet_home, "web").targets == ("db-*",)


async def test_edit_of_a_deployment_that_another_removed_says_so_and_keeps_what_was_typed(
    worked_home: WorkedHome, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """In the form that comes back, also once all of it is drawn; escape leaves it, and nothing comes back to life."""
    home = worked_home.home
    app = deck(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        deployment_deeds.edit(app, find_deployment(home, "web"))
        await until(pilot)(lambda: isinstance(app.screen, DeploymentForm))
        first = app.screen
        remove_deployment(home, "web")
        _type(app, "description", "mine")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentForm) and app.screen is not first)
        # Once the fields told what they begin with, and what it comes to was looked up.
        await until(pilot)(lambda: "removed deployment web" in text_of(app) and "Would install" in text_of(app))
        assert app.screen.query_one("#field-description", Input).value == "mine"
        _type(app, "description", "other")
        await until(pilot)(lambda: "removed deployment web" not in text_of(app))


@pytest.mark.parametrize("name", [*DEEDS, "machine"])
async def test_every_form_shows_a_conflict(empty_home: Home, name: str, deck: Deck, until: UntilOf) -> None:
    """Of everything that can be edited in a form: mine over theirs is what is kept then."""
    kind = KINDS[name]
    kind.add(empty_home)
    seen: Any = kind.read(empty_home)
    app = deck(empty_home)
    async with app.run_test(size=(100, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses or name != "machine")
        if name == "machine":
            machine_deeds.edit(app, app.fleet.statuses[0].machine)
        else:
            DEEDS[name](app, seen)
        await until(pilot)(lambda: isinstance(app.screen, Form))
        kind.keep(empty_home, seen, replace(seen, **{kind.text: "theirs"}))
        _type(app, kind.text, "mine")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("m")
        await until(pilot)(lambda: getattr(kind.read(open_home(empty_home.path)), kind.text) == "mine")
