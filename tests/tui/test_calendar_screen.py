"""The calendar, driven by keys: a month of days, the starts of a day, and what starts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.updates import Classification
from ops.deployments.definitions import change, define
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.calendar import CalendarScreen
from tui.screens.deployments import DeploymentsScreen
from tui.screens.runs import RunsScreen
from tui.widgets.month_grid import MonthGrid
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]

_SECURITY = UpdateRules(classes=(Classification.SECURITY,))


def _weekly(name: str, target: str, day: str, hour: int, zone: str = "UTC") -> Deployment:
    first = datetime(2026, 1, 1, hour, 30)  # noqa: DTZ001  # a wall clock's
    schedule = Schedule(first, zone, f"FREQ=WEEKLY;BYDAY={day}")
    return Deployment(name, (target,), _SECURITY, schedule=schedule, window=Window(180))


@pytest.fixture
def scheduled_home(fleet_home: Home) -> Home:
    """Two deployments whose windows meet on Tuesdays, one for Fridays far away; it is Sunday 22 November."""
    define(fleet_home, _weekly("web-weekly", "web-*", "TU", 2, "Europe/Berlin"))
    define(fleet_home, _weekly("everything", "all", "TU", 3))
    define(fleet_home, _weekly("far", "db-*", "FR", 1, "Asia/Tokyo"))
    return fleet_home


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_calendar_leads_from_a_day_to_what_starts(
    scheduled_home: Home, size: tuple[int, int], deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Keys alone: to the next day with starts, to its starts, to the runs of one; escape leads back step by step."""
    app = deck(scheduled_home)
    async with app.run_test(size=size) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("4")
        await wait(lambda: isinstance(app.screen, DeploymentsScreen))
        await pilot.press("c")
        await wait(lambda: isinstance(app.screen, CalendarScreen) and "24·2" in text_of(app))
        assert "November 2026, days in UTC" in text_of(app)
        grid = app.screen.query_one(MonthGrid)

        await pilot.press("n")
        await wait(lambda: grid.day == date(2026, 11, 24) and "2 that day" in text_of(app))
        assert grid.text_of(grid.day) == "!24·2"
        # Friday 01:30 in Tokyo is Thursday in UTC.
        assert grid.text_of(date(2026, 11, 26)) == " 26·1"

        await pilot.press("enter")
        await wait(lambda: app.screen.query_one(BigTable).has_focus)
        table = app.screen.query_one(BigTable)
        assert [row.cells[1] for row in table.contents.shown[:3]] == ["web-weekly", "everything", "far"]
        assert "open together with: everything (" in text_of(app)
        assert "Tue 2026-11-24 02:30 CET (Europe/Berlin)" in text_of(app)
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("escape")
        await wait(lambda: isinstance(app.screen, CalendarScreen))
        await pilot.press("escape")
        await wait(lambda: grid.has_focus)
        await pilot.press("escape")
        await wait(lambda: isinstance(app.screen, DeploymentsScreen))


async def test_calendar_reads_other_months_and_what_others_change(
    scheduled_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The next month is read when it is shown; a schedule that somebody changes is seen; the past is not gone into."""
    app = deck(scheduled_home)
    async with app.run_test(size=(120, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.run_command("calendar")
        await wait(lambda: isinstance(app.screen, CalendarScreen) and "24·2" in text_of(app))
        grid = app.screen.query_one(MonthGrid)
        await pilot.press("pageup", "left")
        assert grid.day == date(2026, 11, 22)
        await pilot.press("pagedown", "pagedown")
        await wait(lambda: "January 2027" in text_of(app) and grid.text_of(date(2027, 1, 26)) == "!26·2")
        kept = define(scheduled_home, _weekly("new", "db-*", "SA", 5)).stored
        await wait(lambda: grid.text_of(date(2027, 1, 23)) == " 23·1")
        change(scheduled_home, kept, replace(kept.deployment, schedule=None))
        await wait(lambda: grid.text_of(date(2027, 1, 23)) == " 23")


async def test_calendar_of_an_earlier_time_is_as_it_was_defined_then(
    scheduled_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The month of then, before anything was defined; back at now the starts stand there again, on the day of now."""
    app = deck(scheduled_home)
    async with app.run_test(size=(120, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.run_command("calendar")
        await wait(lambda: isinstance(app.screen, CalendarScreen) and "24·2" in text_of(app))
        grid = app.screen.query_one(MonthGrid)
        app.run_command("asof 2026-10-12")
        await wait(lambda: "October 2026" in text_of(app) and "Nothing starts by a schedule" in text_of(app))
        assert (grid.day, grid.text_of(date(2026, 11, 24))) == (date(2026, 10, 12), " 24")
        assert "by the groups and the scope of now" in text_of(app)
        app.run_command("asof")
        await wait(lambda: grid.day == date(2026, 11, 22) and "24·2" in text_of(app))


async def test_calendar_without_schedules_says_what_helps(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Nothing starts: the screen says what gives a deployment a schedule."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("calendar")
        await until(pilot)(lambda: "Nothing starts by a schedule" in text_of(app))
