"""The list of machines, driven by its keys."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from textual.app import App
from textual.pilot import Pilot

from fleet.assessments import Assessment
from fleet.compliance import Compliance
from fleet.machines import Machine
from fleet.status import MachineStatus, summarise
from ops.home import Home
from ops.state.database import connect
from ops.state.machines import MachineBook
from tui.app import PatchdeckApp
from tui.rows.machine_rows import MACHINE_COLUMNS, fleet_facts, machine_row
from tui.widgets.context_bar import ContextBar
from tui.widgets.key_bar import KeyBar
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


def title(app: PatchdeckApp) -> str:
    return app.screen.query_one("#title", TitleRule).text


async def test_what_needs_a_look_comes_first(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """The default order is by compliance, the denominator is always shown."""
    app = deck(fleet_home)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot)(lambda: app.screen.query_one(BigTable).contents.shown)
        compliances = [row.cells[1] for row in app.screen.query_one(BigTable).contents.shown]
        assert compliances[0] == Compliance.NON_COMPLIANT
        assert compliances.index("unreachable") < compliances.index("compliant") < compliances.index("disabled")
        assert "15 of 24 assessed" in app.screen.query_one(ContextBar).text


async def test_filter_acts_while_typing_and_escape_takes_it_back(
    fleet_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """``/`` filters with each key, enter keeps the filter in the title, escape clears it."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: row_names(app))
        await pilot.press("slash", *"web")
        await until(pilot)(lambda: len(row_names(app)) == 6)
        await pilot.press("space", *"!fra", "enter")
        await until(pilot)(lambda: len(row_names(app)) == 3)
        await until(pilot)(lambda: "3 of 24" in title(app) and "filter: web !fra" in title(app))
        await pilot.press("escape")
        await until(pilot)(lambda: len(row_names(app)) == 24)


async def test_nothing_fits_the_filter_is_said(fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """A filter that nothing fits says so and names the key that helps."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("slash", *"nowhere", "enter")
        await until(pilot)(lambda: "Nothing fits the filter nowhere." in text_of(app))
        assert "esc clears it" in text_of(app)


async def test_sort_by_a_column_and_turn_it_round(
    fleet_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """``s`` asks for the column; choosing the same one again turns the order round."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: row_names(app))
        await pilot.press("s", "down", "enter")
        await until(pilot)(lambda: row_names(app) == sorted(row_names(app)) and "by machine" in title(app))
        await pilot.press("s", "enter")
        await until(pilot)(lambda: row_names(app) == sorted(row_names(app), reverse=True))


async def test_escape_never_leaves_the_app(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Escape on the first screen does nothing, however often."""
    app = deck(fleet_home)
    async with app.run_test() as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press(*["escape"] * 4)
        assert app.is_running


async def test_changes_of_other_processes_appear(
    fleet_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """What another process writes into state.db is shown without a key."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: len(row_names(app)) == 24)
        connection = connect(fleet_home.state_file)
        MachineBook(connection).remove("web-fra-01")
        connection.close()
        await until(pilot)(lambda: len(row_names(app)) == 23 and "web-fra-01" not in row_names(app))


async def test_low_screen_has_nineteen_rows_and_a_whole_footer(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """At 80x24 at least 19 machines are to be seen, and no key of the footer is cut."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 24)
        assert app.screen.query_one(BigTable).page_rows >= 19
        footer = text_of(app).splitlines()[-1]
        assert "? keys" in footer
        assert all(f" {label} " in footer for label in ("open", "assess", "filter", "mark", "add"))
        assert "…" not in app.screen.query_one(KeyBar).text


async def test_palette_offers_commands_and_no_screenshot(fleet_home: Home, deck: Deck) -> None:
    """The palette has the app's commands and keys; nothing that writes files on the server."""
    app = deck(fleet_home)
    async with app.run_test():
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert ":missing" in offered
        assert any(title.startswith("filter") for title in offered)
        assert not any("creenshot" in title for title in offered)


async def test_unknown_command_names_the_nearest(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """A mistyped command is answered in a line that helps."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("colon", *"mising", "enter")
        await until(pilot)(lambda: any("':missing'" in said.text for said in app.said))


def test_unknown_counts_are_not_zero(
    machine: Callable[[int, str], Machine], assessment: Callable[[Machine, int], Assessment], now: datetime
) -> None:
    """Security counts of a machine whose security updates are unknown are shown as ?, of a silent one as nothing."""
    enrolled = machine(9, "web-01")
    summary = summarise(assessment(enrolled, 9))
    row = machine_row(MachineStatus(enrolled, summary, summary), now)
    silent = machine_row(MachineStatus(enrolled), now)
    security = next(index for index, column in enumerate(MACHINE_COLUMNS) if column.name == "security")
    assert row.cells[security] == "?"
    assert silent.cells[security] == ""
    assert row.order[security] is None


def test_stale_machines_are_not_counted_as_assessed(
    machine: Callable[[int, str], Machine], assessment: Callable[[Machine, int], Assessment], now: datetime
) -> None:
    """An old answer leaves the number of assessed machines, not the denominator."""
    enrolled = machine(1, "web-01")
    summary = summarise(assessment(enrolled, 1))
    status = MachineStatus(enrolled, summary, summary)
    assert fleet_facts([status], [status.compliance(now)])[0].text == "1 of 1 assessed"
    assert fleet_facts([status], [status.compliance(now + timedelta(days=2))])[0].text == "0 of 1 assessed"
