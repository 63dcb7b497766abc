"""Importing a list in the app: shown before it is done, marked, and done once."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from ops.enrolment import list_machines
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.import_form import ImportForm
from tui.screens.import_preview import ImportScreen
from tui.screens.name_form import NameForm
from tui.screens.record import RecordOverlay
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    """Three new machines, one that is there with another port, and one whose address cannot be used."""
    path = tmp_path / "hosts.csv"
    lines = ["name,address,port", "new-01,192.0.2.201,", "new-02,192.0.2.202,", "web-fra-01,,2222", "bad,http://x,"]
    path.write_text("\n".join(lines) + "\n")
    return path


def states(app: App[int]) -> list[str]:
    return [row.cells[1] for row in app.screen.query_one(BigTable).contents.shown]


async def test_list_is_previewed_then_imported_without_what_is_refused(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, listing: Path
) -> None:
    """New, changed and refused are shown with their lines; nothing is done before the number was typed."""
    app = deck(fleet_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"import {listing}")
        await until(pilot)(lambda: isinstance(app.screen, ImportScreen))
        await until(pilot)(lambda: states(app) == ["refused", "changed", "new", "new"])
        assert "hosts.csv:5" in text_of(app)
        assert "leave out the scheme" in text_of(app)
        assert len(list_machines(fleet_home)) == 24
        await pilot.press("I")
        await until(pilot)(lambda: isinstance(app.screen, NameForm) and "What is refused stays out." in text_of(app))
        await pilot.press("3", "enter")
        await until(pilot)(lambda: states(app) == ["refused", "unchanged", "unchanged", "unchanged"])
    assert len(list_machines(fleet_home)) == 26


async def test_only_the_marked_are_imported(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, listing: Path
) -> None:
    """What is not marked stays as it is."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"import {listing}")
        await until(pilot)(lambda: isinstance(app.screen, ImportScreen) and len(states(app)) == 4)
        await pilot.press("end", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RecordOverlay) and "new-02" in text_of(app))
        await pilot.press("escape", "space", "I")
        await until(pilot)(lambda: isinstance(app.screen, NameForm))
        await pilot.press("1", "enter")
        await until(pilot)(lambda: len(list_machines(fleet_home)) == 25)
        await until(pilot)(lambda: states(app).count("unchanged") == 1)


async def test_list_that_cannot_be_read_is_asked_for_again(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The path stays in the form, with why it cannot be read."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("6", "i")
        await until(pilot)(lambda: isinstance(app.screen, ImportForm))
        await pilot.press(*"/no/such/list", "enter")
        await until(pilot)(lambda: "There is no file or folder '/no/such/list'" in text_of(app))
        assert app.screen.query_one("#field-path", Input).value == "/no/such/list"
