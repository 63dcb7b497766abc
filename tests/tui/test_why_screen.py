"""Why an update is not installed: one key on a missing update, from every screen that has one."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from fleet.answers import Coverage
from fleet.assessments import Assessment
from ops.assess_commit import store_batch
from ops.deployments.definitions import define
from ops.home import Home
from tests.tui.conftest import NOW
from tests.tui.made_runs import WEB
from tui.app import PatchdeckApp
from tui.screens.behind_reason import BehindReasonScreen
from tui.screens.machine import MachineScreen
from tui.screens.missing import MissingScreen, NeedingScreen
from tui.screens.one_update import UpdateScreen
from tui.screens.why import WhyEverywhereScreen, WhyScreen
from tui.widgets.context_bar import ContextBar
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def test_key_on_a_missing_update_leads_from_reasons_to_machines_and_back(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Over all machines, then those of one reason, then every reason of one of them; escape goes back each way."""
    define(stored_home, WEB)
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: isinstance(app.screen, MissingScreen) and row_names(app))
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, WhyEverywhereScreen) and row_names(app))
        first = app.screen.query_one(BigTable).contents[0]
        assert (first.cells[1], "No deployment names the machine" in first.cells[2]) == ("stops it", True)
        assert "web is for web-*, and it is called" in app.screen.query_one(Detail).text
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, BehindReasonScreen) and row_names(app))
        assert len(row_names(app)) == int(first.cells[0])
        name = row_names(app)[0]
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and row_names(app))
        assert f"is not installed on {name}" in text_of(app)
        assert "Missing updates › Why not" in app.screen.query_one(ContextBar).text
        assert app.screen.query_one(BigTable).contents[0].cells[0] == "stops it"
        await pilot.press("v")
        await until(pilot)(lambda: "Evidence: web is for web-*" in text_of(app) and "To do:" in text_of(app))
        await pilot.press("escape", "Y")
        await until(pilot)(lambda: any("patchdeck deployments edit web --target 'web-*'" in s.text for s in app.said))
        await pilot.press("escape", "escape", "escape")
        await until(pilot)(lambda: isinstance(app.screen, MissingScreen))


async def test_held_update_of_a_machine_says_how_to_let_it_go(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """From the machine's own page; enter goes to the machine where no run shows the reason."""
    app = deck(stored_home)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("cache-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and len(row_names(app)) == 7)
        await pilot.press("slash", *"held", "enter")
        await until(pilot)(lambda: len(row_names(app)) == 1)
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and row_names(app))
        assert "apt-mark showhold lists it" in app.screen.query_one(Detail).text
        assert "sudo apt-mark unhold curl" in app.screen.query_one(Detail).text
        define(stored_home, WEB)  # by somebody else, meanwhile
        await until(pilot)(lambda: "web is the nearest of 1" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))


async def test_commands_ask_by_name(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Of a machine and an update, of an update alone, all that is known of one; a typing error says what is near."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("why cache-ams-01 curl")
        await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and "Why curl is not installed" in text_of(app))
        app.run_command("why openssl*")
        await until(pilot)(lambda: isinstance(app.screen, WhyEverywhereScreen) and row_names(app))
        app.run_command("about curl")
        await until(pilot)(lambda: isinstance(app.screen, UpdateScreen) and "About curl" in text_of(app))
        app.run_command("why openssll")
        await until(pilot)(lambda: any("Did you mean 'openssl'" in said.text for said in app.said))


async def test_key_on_a_machine_of_an_update_asks_of_that_machine(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """What else the machine misses is read, too."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: row_names(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, NeedingScreen) and row_names(app))
        name = row_names(app)[0]
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and row_names(app))
        assert f"on {name}" in text_of(app)


async def test_update_that_came_meanwhile_is_told_as_not_missing_any_more(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """On the screen of its reasons, on that of its machines, and after the way back: nothing of before stays."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: row_names(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, NeedingScreen) and row_names(app))
        needing = app.screen
        names = row_names(app)
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and row_names(app))
        statuses = [status for status in app.fleet.statuses if status.machine.name in names]
        whole = [status.last_answer for status in statuses if status.last_answer is not None]
        store_batch(
            stored_home,
            "batch-2",
            [
                Assessment(each.machine.id, each.machine.name, NOW, NOW, Coverage.COMPLETE, answer.facts)
                for each, answer in zip(statuses, whole, strict=True)
            ],
        )
        await until(pilot)(lambda: "does not miss this update any more" in text_of(app) and not row_names(app))
        await pilot.press("escape")
        await until(pilot)(lambda: app.screen is needing and "No machine needs this update any more" in text_of(app))
        await until(pilot)(lambda: "0 need it" in text_of(app))
