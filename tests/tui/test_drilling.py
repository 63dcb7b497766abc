"""From the fleet to a machine, from an update to its machines, and back."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from ops.checks import check_status
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.machine import MachineScreen
from tui.screens.why import WhyScreen
from tui.widgets.context_bar import ContextBar
from tui.widgets.detail import Detail
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def test_machine_shows_its_updates_and_why_not(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Enter on a machine shows what it misses; a held update says so with its evidence."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: row_names(app)[:1] == ["cache-ams-01"])
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and len(row_names(app)) == 7)
        assert row_names(app)[0] == "linux-image-amd64"
        assert "Machines › cache-ams-01" in app.screen.query_one(ContextBar).text
        await pilot.press("slash", *"held", "enter")
        await until(pilot)(lambda: "Not installable, held:" in app.screen.query_one(Detail).text)
        assert "apt-mark showhold lists it" in app.screen.query_one(Detail).text


async def test_tabs_show_facts_findings_and_history(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Tab goes from the updates to facts, findings, checks, history and logs, and round again."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("mail-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and "Findings 1" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "6.1.0-40-amd64" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "The package lists are 9 days old." in text_of(app))
        assert "Run apt-get update on it" in app.screen.query_one(Detail).text
        await pilot.press("tab")
        await until(pilot)(lambda: "Package lists fresh" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "succeeded" in text_of(app) and "needed" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "No raw output of it is kept" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "[Updates" in app.screen.query_one(TabLine).text)


async def test_key_shows_the_readiness_checks(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """The same results as on the command line, each with its evidence and remedy."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("mail-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and "Findings 1" in text_of(app))
        found = app.fleet.find_by_name("mail-ams-01")
        assert found is not None
        status = app.fleet.find_whole(found.machine.id)
        assert status is not None
        statuses = [result.verdict.status.value for result in check_status(status).results]
        expected = sorted(statuses, key=lambda each: each != "failed")
        await pilot.press("c")
        await until(pilot)(lambda: row_names(app) == expected)
        assert f"[Checks {expected.count('failed')} failed]" in app.screen.query_one(TabLine).text
        await pilot.press("end")
        await until(pilot)(lambda: "All of it understood" in app.screen.query_one(Detail).text)


async def test_machine_that_failed_says_why_and_which_key_helps(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A machine that never answered shows the failure with its remedy; an unknown host key names the key for it."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("web-ams-01")
        await until(pilot)(lambda: "It never answered" in text_of(app))
        assert "host-key-unknown" in text_of(app)
        assert "Is sshd running there?" in text_of(app)
        assert "shows its host key" in text_of(app)


async def test_missing_update_leads_to_its_machines_and_back(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Missing updates: counts over machines; enter shows the machines, enter again one of them, escape goes back."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: row_names(app)[:1] == ["linux-image-amd64"])
        row = app.screen.query_one(BigTable).contents[0]
        needed, installable, blocked = (int(cell) for cell in row.cells[3:6])
        assert needed == installable + blocked
        await pilot.press("enter")
        await until(pilot)(lambda: "Machines that need linux-image-amd64" in text_of(app))
        assert len(row_names(app)) == needed
        name = row_names(app)[0]
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        assert f"› {name}" in app.screen.query_one(ContextBar).text
        await pilot.press("escape", "escape")
        await until(pilot)(lambda: "Missing updates" in text_of(app) and len(app.screen_stack) == 1)


async def test_way_round_goes_back_on_the_path(stored_home: Home, deck: Deck, until: UntilOf, row_names: Names) -> None:
    """Machine, why, machine again: the path is as long as before, and what was left there still stands."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: row_names(app)[:1] == ["cache-ams-01"])
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and len(row_names(app)) == 7)
        await pilot.press("slash", *"held", "enter")
        machine = app.screen
        for key in ("w", "w"):
            await pilot.press(key)
            await until(pilot)(lambda: isinstance(app.screen, WhyScreen) and row_names(app))
            assert len(app.screen_stack) == 3
            await pilot.press("m")
            await until(pilot)(lambda: app.screen is machine)
            assert len(app.screen_stack) == 2
        assert app.screen.query_one(BigTable).filter_text == "held"
        app.open_named("cache-ams-02")
        await until(pilot)(lambda: app.screen is not machine and isinstance(app.screen, MachineScreen))
        app.run_command("machine cache-ams-01")
        await until(pilot)(lambda: app.screen is machine)
        await pilot.press("escape", "escape")
        await until(pilot)(lambda: len(app.screen_stack) == 1)


async def test_views_are_kept_as_they_were_left(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Going to another view and back keeps filter and cursor."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: row_names(app))
        await pilot.press("slash", *"web", "enter", "down", "2", "1")
        await until(pilot)(lambda: app.screen.query_one(BigTable).cursor == 1)
        assert app.screen.query_one(BigTable).filter_text == "web"


async def test_help_lists_the_keys_of_the_screen(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """``?`` shows the keys that work here, and escape closes it."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 50)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("question_mark")
        await until(pilot)(lambda: "Assess the marked machines" in text_of(app))
        assert "Everywhere" in [row.cells[0] for row in app.screen.query_one(BigTable).contents.rows]
        await pilot.press("escape")
        await until(pilot)(lambda: len(app.screen_stack) == 1)
