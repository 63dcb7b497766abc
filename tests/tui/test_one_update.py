"""One update: its advisory, its CVEs, and the runs that take it next."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from textual.app import App
from textual.pilot import Pilot

from fleet.answers import Coverage
from fleet.assessments import Assessment
from ops.assess_commit import store_batch
from ops.deployments.definitions import define
from ops.home import Home
from ops.missing import list_missing
from tests.tui.conftest import NOW
from tests.tui.made_runs import CACHES
from tui.app import PatchdeckApp
from tui.screens.missing import MissingScreen
from tui.screens.one_update import UpdateScreen
from tui.screens.why import WhyEverywhereScreen
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def test_key_on_an_update_shows_advisory_cves_and_next_runs(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """What is not known is said; the next run says for how many machines; w leads on to why not."""
    define(stored_home, replace(CACHES, targets=("all",)))
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: isinstance(app.screen, MissingScreen) and row_names(app))
        needed = app.screen.query_one(BigTable).contents[0].cells[3]
        await pilot.press("i")
        await until(pilot)(lambda: isinstance(app.screen, UpdateScreen) and "Debian-Security" in text_of(app))
        facts = {row.cells[0]: row.cells[1] for row in app.screen.query_one(BigTable).contents.rows}
        assert (facts["Severity"], facts["Update"].split()[0]) == ("none given", "linux-image-amd64")
        await pilot.press("tab")
        await until(pilot)(lambda: "No CVE is known for it" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "[Next runs" in app.screen.query_one(TabLine).text and row_names(app))
        first = app.screen.query_one(BigTable).contents[0]
        assert (first.cells[0], "caches takes it at its next start" in first.cells[2]) == (needed, True)
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, WhyEverywhereScreen) and row_names(app))


async def test_update_that_came_meanwhile_is_needed_by_none(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Its page stays with all that is known of it, and says so."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        found = list_missing(stored_home)[:1]
        app.push_screen(UpdateScreen(found))
        await until(pilot)(lambda: "needed by 1 machine" in text_of(app))
        (status,) = (each for each in app.fleet.statuses if each.machine.id == found[0].machine_id)
        assert status.last_answer is not None
        machine, facts = status.machine, status.last_answer.facts
        store_batch(stored_home, "batch-2", [Assessment(machine.id, machine.name, NOW, NOW, Coverage.COMPLETE, facts)])
        await until(pilot)(lambda: "no machine any more" in text_of(app) and "needed by 0 machines" in text_of(app))
