"""The overview: what needs somebody, figures of the machines, and the way from each row to what it counts."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from threading import Event

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.compliance import Compliance
from fleet.groups.group import Group
from fleet.machines import Machine
from ops.groups import define_group
from ops.home import Home
from ops.overview.needs import Need, NeedKind
from ops.overview.reading import FleetStanding, Overview
from ops.overview.standing import Part
from ops.overview.trend import TrendDay, TrendFailed
from ops.state.database import connect
from ops.state.machines import MachineBook
from tests.tui.conftest import WorkedHome
from tui.app import PatchdeckApp
from tui.rows.overview_rows import overview_rows, title_pieces, trend_pieces
from tui.screens.calendar import CalendarScreen
from tui.screens.chosen_machines import ChosenMachinesScreen
from tui.screens.chosen_runs import ChosenRunsScreen
from tui.screens.full_text import FullText
from tui.screens.group import GroupScreen
from tui.screens.groups import GroupsScreen
from tui.screens.machines import MachinesScreen
from tui.screens.overview import OverviewScreen
from tui.screens.run import RunScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.table import BigTable
from tui.work_watch import WorkWatch

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]
FIRST = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def quick_trend(monkeypatch: pytest.MonkeyPatch) -> list[TrendDay]:
    """Two days, the first of which is not known: no process is started for it here."""
    days = [TrendDay(FIRST, 4, 0, 0), TrendDay(FIRST + timedelta(1), 4, 4, 2), TrendDay(FIRST + timedelta(2), 4, 4, 3)]
    monkeypatch.setattr("ops.overview.trend.ask_trend_apart", lambda *_: days)
    return days


def keys_of(app: PatchdeckApp) -> list[str]:
    return [row.key for row in app.screen.query_one(BigTable).contents.shown]


async def put_cursor(app: PatchdeckApp, key: str) -> None:
    app.screen.query_one(BigTable).move_cursor(keys_of(app).index(key))


async def test_each_row_leads_to_what_it_counts(
    worked_home: WorkedHome, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """As many machines as the row says; the one run that failed and the one that goes on; escape comes back."""
    define_group(worked_home.home, Group("web", targets=("web-*",)))
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 50)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("O")
        await wait(lambda: isinstance(app.screen, OverviewScreen) and "need:non-compliant" in keys_of(app))
        counts = {row.key: row.cells[1] for row in app.screen.query_one(BigTable).contents.shown}
        tally = [status.compliance(app.clock()) for status in app.fleet.statuses]
        lacking = tally.count(Compliance.NON_COMPLIANT)
        meant = len(tally) - tally.count(Compliance.DISABLED)
        assert counts["need:non-compliant"] == f"{lacking} of {meant}"

        await put_cursor(app, "need:non-compliant")
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, ChosenMachinesScreen) and len(row_names(app)) == lacking)
        assert "Overview › Non-compliant" in text_of(app)
        await pilot.press("escape")
        await wait(lambda: isinstance(app.screen, OverviewScreen))
        for key, kind in (
            ("need:runs-failed", RunScreen),
            ("need:runs-open", RunScreen),
            ("need:next-start", CalendarScreen),
            ("need:service", FullText),
            ("group:web", GroupScreen),
            ("heading:group", GroupsScreen),
        ):
            if key in keys_of(app):
                await put_cursor(app, key)
                await pilot.press("enter")
                await wait(lambda kind=kind: isinstance(app.screen, kind))  # type: ignore[misc]  # bound at once
                await pilot.press("escape")
                await wait(lambda: isinstance(app.screen, OverviewScreen))
        assert {"need:runs-failed", "need:runs-open", "group:web"} <= set(counts)


async def test_several_runs_are_listed_alone(worked_home: WorkedHome, deck: Deck, until: UntilOf) -> None:
    """The screen of runs shows those that were counted, and no others."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.push_screen(ChosenRunsScreen("Last run failed", (worked_home.past.run.id,)))
        await until(pilot)(lambda: keys_of(app) == [worked_home.past.run.id])


async def test_overview_follows_what_others_change(
    fleet_home: Home, deck: Deck, until: UntilOf, machine: Callable[[int, str], Machine]
) -> None:
    """A machine that another process enrols counts within a second; the cursor stays on its row."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.run_command("overview")
        await wait(lambda: isinstance(app.screen, OverviewScreen) and "need:not-assessed" in keys_of(app))
        await put_cursor(app, "need:not-assessed")
        table = app.screen.query_one(BigTable)
        before = table.cursor_row
        with closing(connect(fleet_home.state_file)) as connection:
            MachineBook(connection).add(machine(100, "new-one"))
        await wait(lambda: before and table.cursor_row and table.cursor_row.cells[1] != before.cells[1])
        assert table.cursor_row
        assert table.cursor_row.key == "need:not-assessed"


async def test_empty_home_says_what_to_do(empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Nothing is counted; enter leads to where a machine is enrolled."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("O")
        await until(pilot)(lambda: "No machine is enrolled yet" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: type(app.screen) is MachinesScreen)


async def test_everything_fits_a_low_screen_and_enter_shows_the_rest(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """No scrolling at 80x24: what does not fit is behind one row, which opens, and escape closes it again."""
    for number in range(12):
        define_group(fleet_home, Group(f"group-{number:02d}", targets=("all",)))
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("O")
        await wait(lambda: isinstance(app.screen, OverviewScreen) and "more:group" in keys_of(app))
        table = app.screen.query_one(BigTable)
        assert table.page_rows >= 19
        assert len(keys_of(app)) <= table.page_rows
        await put_cursor(app, "more:group")
        await pilot.press("enter")
        await wait(lambda: "group:group-11" in keys_of(app))
        await pilot.press("escape")
        await wait(lambda: "more:group" in keys_of(app))
        await pilot.resize_terminal(200, 60)
        await wait(lambda: "group:group-11" in keys_of(app) and "compliant" in text_of(app))


async def test_trend_that_cannot_be_read_keeps_the_figures(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason stands where the trend would; all the rest is there."""

    def fail(*_: object) -> None:
        raise TrendFailed("The tables are away.")

    monkeypatch.setattr("ops.overview.trend.ask_trend_apart", fail)
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("O")
        await until(pilot)(lambda: "The tables are away." in text_of(app) and "need:non-compliant" in keys_of(app))


async def test_groups_of_queries_are_counted_beside_and_stay_when_settings_break(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until they are there, a sign stands for them; a config.toml that breaks takes no other row."""
    may_count, asked = Event(), []

    def count(home: Home, work: Callable[..., Sequence[Part]], names: Sequence[str], *_: object) -> Sequence[Part]:
        asked.append(names)
        may_count.wait(30)
        return [part(name, 3, 4) for name in names]

    monkeypatch.setattr("ops.apart.reader.ask_apart", count)
    define_group(fleet_home, Group("asked", query="reboot-pending"))
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("O")
        await wait(lambda: "its query is asked" in text_of(app))
        may_count.set()
        await wait(lambda: "3 of 7" in text_of(app))
        fleet_home.config_file.write_text("nonsense = 1\n", "utf-8")
        define_group(fleet_home, Group("another", query="reboot-pending"))
        await wait(lambda: "need:settings" in keys_of(app) and "group:another" in keys_of(app))
        await wait(lambda: text_of(app).count("3 of 7") == 2)
        assert (asked[0], asked[-1]) == (("asked",), ("another", "asked"))
        assert "need:not-assessed" in keys_of(app)
        await put_cursor(app, "need:settings")
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, SettingsScreen))


async def test_groups_of_queries_are_counted_once_however_late_changes_are_looked_for(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look at what others do tells nothing new of groups: counting them takes a second of CPU."""
    asked = []

    def count(home: Home, work: Callable[..., Sequence[Part]], names: Sequence[str], *_: object) -> Sequence[Part]:
        asked.append(names)
        return [part(name, 3, 4) for name in names]

    look = WorkWatch.look
    monkeypatch.setattr("ops.apart.reader.ask_apart", count)
    monkeypatch.setattr(WorkWatch, "look", lambda _: None)
    define_group(fleet_home, Group("asked", query="reboot-pending"))
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("O")
        await wait(lambda: "its query is asked" in text_of(app))
        look(app.work)
        await wait(lambda: "3 of 7" in text_of(app))
        look(app.work)
        await pilot.pause()
        assert asked == [("asked",)]


def part(name: str, compliant: int, lacking: int) -> Part:
    """Some machines, so many of each."""
    return Part(name, {Compliance.COMPLIANT: compliant, Compliance.NON_COMPLIANT: lacking})


def test_rows_that_do_not_fit_are_counted() -> None:
    """Needs are never left out; systems and groups give way, and the row after them says how many are hidden."""
    parts = [part(f"part-{number}", 1, number) for number in range(10)]
    need = Need(NeedKind.ALERTS, 3, None, "3 Critical")
    overview = Overview(FleetStanding(part("fleet", 5, 5), parts, parts, []), [need])
    rows = overview_rows(overview, 15)
    assert len(rows) == 15
    assert [row.cells[0] for row in rows if row.key.startswith("more:")] == ["… 3 more", "… 7 more"]
    assert len(overview_rows(overview, None)) == 23


def test_title_says_that_nothing_is_needed_and_since_when() -> None:
    """Once there is no need: since the last run ended or the last alert was resolved."""
    standing = FleetStanding(part("fleet", 4, 0), [], [], [])
    texts = [piece.text for piece in title_pieces(Overview(standing, []))]
    assert texts == ["4 of 4 compliant, 100 %", "nothing needs you"]
    failed = Need(NeedKind.SERVICE, None, None, "not running")
    assert "1 thing needs you" in [piece.text for piece in title_pieces(Overview(standing, [failed]))]


def test_trend_tells_its_ends_in_words(quick_trend: list[TrendDay]) -> None:
    """From the first day that is known to the last; a day of which nothing is known is a gap, and is counted."""
    told = "".join(piece.text for piece in trend_pieces(quick_trend))
    assert told == "Trend   ▅▇  50 % (2 Nov) to 75 % (3 Nov); nothing is known of 1 day"
    assert "not known yet" in "".join(piece.text for piece in trend_pieces(quick_trend[:1]))
