"""Lists that are followed, in the app: followed from the import on, read now, edited, forgotten."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.importing.request import ImportRequest
from fleet.importing.source import Following, NewMachines
from ops.candidates import list_candidates
from ops.enrolment import list_machines
from ops.home import Home
from ops.importing import apply_import, preview_import
from ops.importing.applying import Applying
from ops.importing.sources import find_source, list_sources
from tui.app import PatchdeckApp
from tui.screens.import_form import ImportForm
from tui.screens.import_preview import ImportScreen
from tui.screens.name_form import NameForm
from tui.screens.source_form import SourceForm
from tui.screens.sources import SourcesScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """Two new machines."""
    path = tmp_path / "hosts.csv"
    path.write_text("name,address\nnew-01,192.0.2.201\nnew-02,192.0.2.202\n", encoding="utf-8")
    return path


@pytest.fixture
def following_home(fleet_home: Home, listing: Path) -> Home:
    """A home that follows the list."""
    how = Applying(following=Following(new_machines=NewMachines.PROPOSE))
    apply_import(fleet_home, preview_import(fleet_home, ImportRequest(str(listing))), how)
    return fleet_home


async def opened_screen(app: PatchdeckApp, pilot: Pilot[int], until: Callable[..., Awaitable[None]]) -> None:
    await until(lambda: app.fleet.statuses)
    await pilot.press("6", "L")
    await until(lambda: isinstance(app.screen, SourcesScreen) and app.screen.known is not None)


async def test_list_is_followed_from_its_import_on(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names, listing: Path
) -> None:
    """What cannot be is told in the form; a list that is followed is not taken by marks."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        assert "No list was imported yet." in text_of(app)
        await pilot.press("i")
        await until(pilot)(lambda: isinstance(app.screen, ImportForm))
        app.screen.query_one("#field-path", Input).value = str(listing)
        app.screen.query_one("#field-new", Input).value = "propose"
        await pilot.press("enter")
        await until(pilot)(lambda: "goes with how often it is read" in text_of(app))
        await pilot.press(*["tab"] * 5, *"30", "enter")
        await until(pilot)(lambda: isinstance(app.screen, ImportScreen))
        await pilot.press("space", "I")
        await until(pilot)(lambda: app.said and "taken whole" in app.said[-1].text)
        await pilot.press("escape", "I")
        await until(pilot)(lambda: isinstance(app.screen, NameForm) and "every 30 min" in text_of(app))
        await pilot.press("2", "enter")
        await until(pilot)(lambda: isinstance(app.screen, ImportScreen) and list_sources(fleet_home))
        await pilot.press("escape")
        await until(pilot)(lambda: row_names(app) == ["hosts.csv"])
    source = find_source(fleet_home, "hosts.csv")
    assert (source.followed, source.following) == (True, Following(30, NewMachines.PROPOSE))


async def test_list_is_read_now_edited_and_forgotten(
    following_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names, listing: Path
) -> None:
    """By keys alone; machines stay whatever becomes of their list."""
    app = deck(following_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        listing.write_text("name,address\nnew-02,192.0.2.202\nnew-03,192.0.2.203\n", encoding="utf-8")
        await pilot.press("r")
        await until(pilot)(lambda: app.said[-1].text == "hosts.csv: 1 unchanged, 1 missing. 1 machine to decide about.")
        assert [each.name for each in list_candidates(following_home)] == ["new-03"]
        await pilot.press("e")
        await until(pilot)(lambda: isinstance(app.screen, SourceForm))
        await pilot.press("tab", "tab", "tab", "backspace", "backspace", *"15", "enter")
        await until(pilot)(lambda: find_source(following_home, "hosts.csv").following.every_minutes == 15)
        await until(pilot)(lambda: "every 15 min" in text_of(app))
        listing.unlink()
        await pilot.press("r")
        await until(pilot)(lambda: "could not be read" in app.said[-1].text)
        await pilot.press("D", *"hosts.csv", "enter")
        await until(pilot)(lambda: row_names(app) == [])
    assert len(list_machines(following_home)) == 26
