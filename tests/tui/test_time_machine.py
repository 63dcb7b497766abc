"""`:asof`: every screen shows an earlier instant, changes nothing meanwhile, and comes back to now."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.assess_commit import store_batch
from ops.home import Home
from ops.missing import list_missing
from ops.permission import refusal
from tests.tui.conftest import NOW, WorkedHome, make_assessment
from tui.app import PatchdeckApp
from tui.screens.diff import DiffScreen
from tui.screens.machine import MachineScreen
from tui.screens.machines import MachinesScreen
from tui.screens.missing import MissingScreen
from tui.screens.one_update import UpdateScreen
from tui.screens.table_screen import NO_PAST, TableScreen
from tui.screens.why import WhyScreen
from tui.stepping import neighbour
from tui.views import VIEWS
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Wait = Callable[[Callable[[], object]], Awaitable[None]]
THEN = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


async def test_every_deed_is_barred_while_an_earlier_time_is_shown(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The sign stands at the top, keys and commands that change something say why not, and the home is closed."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("asof 2026-11-22T10:30Z")
        await until(pilot)(lambda: "AS OF 2026-11-22 10:30Z" in text_of(app))
        assert app.instant == THEN
        assert all(s.last_attempt is None or s.last_attempt.ended_at <= THEN for s in app.fleet.statuses)
        assert refusal(stored_home.path)
        for key in "Aaoe":
            app.said.clear()
            await pilot.press(key)
            await until(pilot)(lambda: app.said and "the past is only looked at" in app.said[-1].text)
            assert isinstance(app.screen, MachinesScreen)
        app.run_command("assess all")
        await until(pilot)(lambda: app.said[-1].text.startswith(":assess: the app shows 2026-11-22 10:30Z"))
        await pilot.press("escape", "y")
        await until(pilot)(lambda: app.instant is None and "AS OF" not in text_of(app))
        assert app.clock() == NOW
        assert refusal(stored_home.path) is None


async def test_answer_that_came_in_late_is_shown_once_one_goes_there_again(
    stored_home: Home, deck: Deck, until: UntilOf
) -> None:
    """A fleet that was read stays while one looks at the past, and no longer."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        (silent,) = (each.machine for each in app.fleet.statuses if each.last_attempt is None)
        app.run_command(f"asof {THEN.isoformat()}")
        await until(pilot)(lambda: app.instant == THEN)
        app.run_command("asof")
        await until(pilot)(lambda: app.instant is None)
        late = make_assessment(silent, 30)
        assert late.ended_at < THEN
        store_batch(stored_home, "late", [late])
        app.run_command(f"asof {THEN.isoformat()}")
        await until(pilot)(lambda: app.instant == THEN)
        (then,) = (each for each in app.fleet.statuses if each.machine.id == silent.id)
        assert then.last_attempt is not None


async def test_time_to_come_is_refused(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Nothing is known of it: the screens go on with the present."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"asof {(NOW + timedelta(days=1)).isoformat()}")
        await until(pilot)(lambda: app.said and "yet to come" in app.said[-1].text)
        assert app.instant is None


async def test_every_view_shows_the_instant_or_says_that_it_does_not(
    worked_home: WorkedHome, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Runs stand as they stood, definitions are those of then, and what has no past says so in its title."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("asof 12 minutes ago")
        await until(pilot)(lambda: app.instant == NOW - timedelta(minutes=12))
        await pilot.press("5")
        await until(pilot)(lambda: "InProgress" in text_of(app) and "Failed" in text_of(app))
        app.run_command("asof 13 minutes ago")
        await until(pilot)(lambda: "Waiting" in text_of(app) and "InProgress" not in text_of(app))
        app.run_command("asof 3 days ago")
        await until(pilot)(lambda: "No deployment has run yet" in text_of(app) or "Runs 0" in text_of(app))
        for key, name in {"4": "Deployments", "0": "Alerts", "W": "Audit"}.items():
            await pilot.press(key)
            await until(pilot)(partial(shows, app, text_of, f"› {name}"))
            assert NO_PAST not in text_of(app)
        for key in "79":
            await pilot.press(key)
            await until(pilot)(partial(shows, app, text_of, NO_PAST))


async def test_every_view_there_is_shows_then_or_says_that_it_shows_now(
    worked_home: WorkedHome, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Before anything was known, what keeps the past is empty; what does not is as now, and says so."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        now: dict[str, list[str]] = {}
        for name in VIEWS:
            await go_to(app, name, wait, text_of)
            now[name] = rows_in_front(app)
        app.run_command("asof 2001-01-02")
        await wait(lambda: app.instant is not None)
        for name in VIEWS:
            await go_to(app, name, wait, text_of)
            await wait(lambda: "AS OF 2001-01-02" in text_of(app))
            if not isinstance(app.screen, TableScreen) or app.screen.KEEPS_PAST:
                await wait(lambda: rows_in_front(app) == [])
                assert NO_PAST not in text_of(app), name
            else:
                await wait(partial(shows, app, text_of, NO_PAST))
                assert rows_in_front(app) == now[name], name
        assert sum(map(bool, now.values())) >= 6


async def go_to(app: PatchdeckApp, view: str, wait: Wait, text_of: TextOf) -> None:
    """Switches to the view, and waits until it has read what it shows."""
    await app.switch_mode(view)
    await wait(lambda: app.current_mode == view and app.screen.is_current)
    await wait(lambda: "Reading " not in text_of(app) and all(worker.is_finished for worker in app.workers))


def rows_in_front(app: PatchdeckApp) -> list[str]:
    """The keys of the rows of the table in front; none where there is no table yet."""
    tables = app.screen.query(BigTable)
    return [row.key for row in tables.first().contents.rows] if tables else []


async def test_reasons_and_pages_of_an_update_are_of_then_and_marks_are_back_afterwards(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """What was not missing then says so where it is open; cursor, filter and marks are those of before again."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await pilot.press("slash", *"web", "enter", "j", "space")
        await wait(lambda: table.contents.marks)
        before = table.filter_text, set(table.contents.marks), table.cursor_row and table.cursor_row.key
        found = list_missing(stored_home)
        app.push_screen(WhyScreen(found[0]))
        await wait(lambda: isinstance(app.screen, WhyScreen) and rows_in_front(app))
        told = rows_in_front(app)
        app.run_command("asof 2001-01-02")
        await wait(lambda: "AS OF" in text_of(app) and "not missing any more" in text_of(app))
        app.push_screen(UpdateScreen(found[:1]))
        await wait(lambda: "needed by 0 machines" in text_of(app) and "CVEs and groups as they are now" in text_of(app))
        await pilot.press("escape")
        app.run_command("asof")
        await wait(lambda: app.instant is None and rows_in_front(app) == told)
        await pilot.press("escape")
        await wait(lambda: isinstance(app.screen, MachinesScreen))
        assert (table.filter_text, set(table.contents.marks), table.cursor_row and table.cursor_row.key) == before


def shows(app: PatchdeckApp, text_of: TextOf, wanted: str) -> bool:
    """Whether the screen in front is of the instant, and has ``wanted``."""
    return isinstance(app.screen, TableScreen) and "AS OF" in text_of(app) and wanted in text_of(app)


async def test_run_is_shown_as_it_stood(worked_home: WorkedHome, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Its machines, its events and its log are those until then, also while it is open on the screen."""
    app = deck(worked_home.home)
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"watch {worked_home.live.run.id}")
        await until(pilot)(lambda: "1 of 6 over" in text_of(app) or "succeeded" in text_of(app))
        app.run_command("asof 2026-11-22T11:49Z")
        await until(pilot)(lambda: "AS OF" in text_of(app) and "in progress" in text_of(app))
        await until(pilot)(lambda: "succeeded" not in text_of(app))
        app.run_command("asof 2026-11-22T09:00Z")
        await until(pilot)(lambda: app.said and "was asked for later" in app.said[-1].text)


async def test_missing_updates_are_those_of_then(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Before the first assessment nothing is known; afterwards as much as the machines that had answered said."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("2")
        await until(pilot)(partial(shows_missing_on, app, text_of, 14))
        app.run_command("asof 2026-11-22T11:30Z")
        await until(pilot)(partial(shows_missing_on, app, text_of, 10))
        app.run_command("asof 2026-11-01")
        await until(pilot)(lambda: "Nothing was known yet" in text_of(app))
        app.run_command("asof")
        await until(pilot)(partial(shows_missing_on, app, text_of, 14))


def shows_missing_on(app: PatchdeckApp, text_of: TextOf, machines: int) -> bool:
    """Whether the missing updates are in front, on that many machines."""
    return isinstance(app.screen, MissingScreen) and f"on {machines} machines" in text_of(app)


async def test_keys_step_to_what_changed_and_by_days(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """[ to the last scan before, ] on to the next or back to now, { and } a day if there is one; each is read once."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("left_square_bracket")
        await until(pilot)(lambda: app.instant is not None)
        scanned = app.instant
        assert scanned == max(s.last_attempt.ended_at for s in app.fleet.statuses if s.last_attempt)
        await pilot.press("left_curly_bracket", "left_curly_bracket")
        await until(pilot)(lambda: scanned and app.instant == scanned - timedelta(days=2))
        await pilot.press("right_square_bracket")
        await until(pilot)(lambda: app.instant == scanned)
        await pilot.press("right_curly_bracket")
        await until(pilot)(lambda: app.instant is None and "AS OF" not in text_of(app))
        app.run_command("asof 0001-01-01")
        await until(pilot)(lambda: "AS OF 0001-01-01 00:00Z" in text_of(app))
        await pilot.press("left_curly_bracket")
        await until(pilot)(lambda: app.said and app.said[-1].text == "There is no day before.")


async def test_two_instants_are_compared_on_a_screen(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Tabs count what differs, enter opens the machine, and two times that are the same do not differ."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("diff 2026-11-22T11:00Z to now")
        await until(pilot)(lambda: isinstance(app.screen, DiffScreen) and app.screen.table.contents.rows)
        await until(pilot)(lambda: "[All " in text_of(app) and "2026-11-22 11:00Z to 12:00Z" in text_of(app))
        assert " → " in text_of(app)
        name = app.screen.query_one(BigTable).contents.shown[0].cells[0]
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and name in text_of(app))
        await pilot.press("escape", "tab", "escape")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen))
        app.run_command("diff now to now")
        await until(pilot)(lambda: "Nothing differs." in text_of(app))
        app.run_command("diff now to yesterday")
        await until(pilot)(lambda: app.said and "write the earlier time first" in app.said[-1].text)
        await pilot.press("escape")
        app.run_command("asof 2026-11-21T12:00Z")
        await until(pilot)(lambda: app.instant is not None)
        for words, shown in {"12h": "2026-11-21 00:00Z to 12:00Z", "25h to 24h": "2026-11-21 11:00Z to 12:00Z"}.items():
            app.run_command(f"diff {words}")
            await until(pilot)(partial(has_text, app, text_of, shown))
            await pilot.press("escape")


def has_text(app: PatchdeckApp, text_of: TextOf, wanted: str) -> bool:
    """Whether ``wanted`` is on the screen."""
    return wanted in text_of(app)


@pytest.mark.parametrize(
    ("at", "step", "expected"), [(5, -1, 3), (3, -1, 1), (1, -1, None), (0, 1, 1), (3, 1, 7), (7, 1, None)]
)
def test_neighbour_is_the_next_change_on_that_side(at: int, step: int, expected: int | None) -> None:
    """Never the one that is shown; none at either end."""
    moments = [THEN + timedelta(minutes=minute) for minute in (1, 3, 7)]
    found = neighbour(moments, THEN + timedelta(minutes=at), step)
    assert found == (None if expected is None else THEN + timedelta(minutes=expected))
