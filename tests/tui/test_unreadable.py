"""A home that cannot be read any more: every view says so, in the place of rows or beside those that it had."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing

from textual.pilot import Pilot

from ops.home import Home
from tests.tui.conftest import screen_text
from tui.app import PatchdeckApp
from tui.screens.deck_screen import DeckScreen
from tui.screens.table_screen import TableScreen
from tui.views import VIEWS
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
# The machines are there before anything else is, a query says so when it is asked, settings are read from config.toml,
# and missing updates from the tables.
OTHERS = {"_default", "query", "settings", "missing"}


def spoil(home: Home) -> None:
    """Leaves nothing of state.db that SQLite can read."""
    for suffix in ("-wal", "-shm"):
        home.state_file.with_name(home.state_file.name + suffix).unlink(missing_ok=True)
    home.state_file.write_bytes(b"no database " * 2_000)


def spoil_pages(home: Home) -> None:
    """Leaves of state.db its first page: it opens, and its tables cannot be read."""
    with closing(sqlite3.connect(home.state_file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    whole = home.state_file.read_bytes()
    home.state_file.write_bytes(whole[:size] + b"\xff" * (len(whole) - size))


async def come_to(app: PatchdeckApp, view: str, wait: Callable[[Callable[[], object]], Awaitable[None]]) -> BigTable:
    """Brings ``view`` to the front, and gives its table."""
    await app.switch_mode(view)
    await wait(lambda: isinstance(app.screen, DeckScreen) and app.screen.is_up)
    return app.screen.query_one(BigTable)


async def test_every_view_says_that_it_cannot_be_read(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """It is no empty list, and no endless reading."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        spoil(stored_home)
        for view in VIEWS.keys() - OTHERS:
            table = await come_to(app, view, wait)
            await wait(lambda table=table: "not a database" in str(table.notice))  # type: ignore[misc]  # bound at once


async def test_missing_updates_say_that_their_table_cannot_be_read(
    stored_home: Home, deck: Deck, until: UntilOf
) -> None:
    """A log of the table that was cut short is told in the place of rows."""
    app = deck(stored_home)
    for entry in (stored_home.path / "tables" / "Update" / "_delta_log").glob("*.json"):
        entry.write_bytes(entry.read_bytes()[: entry.stat().st_size // 2])
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        table = await come_to(app, "missing", wait)
        await wait(lambda: "Cannot read the table" in str(table.notice))


async def test_what_was_read_stays_when_it_cannot_be_read_again(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """The rows stay, the title tells that they are not of now, and it is said once, however often it is tried."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        with_rows = {}
        for view in ("known", "reports", "audit"):
            table = await come_to(app, view, wait)
            await wait(lambda table=table: table.contents.rows)  # type: ignore[misc]  # bound at once
            with_rows[view] = len(table.contents.rows)
        spoil(stored_home)
        for view, count in with_rows.items():
            table = await come_to(app, view, wait)
            screen = app.screen
            assert isinstance(screen, TableScreen)
            await wait(lambda screen=screen: screen.problem)  # type: ignore[misc]  # bound at once
            assert len(table.contents.rows) == count
            await wait(lambda: "cannot be read now" in str(app.screen.query_one("#title").render_line(0).text))
            screen.fleet_changed()
            await pilot.pause()
        told = [each.text for each in app.said if "not a database" in each.text]
        assert len(told) <= len(with_rows) + 1


async def test_fleet_that_was_never_read_is_told_on_every_view(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """A state.db that opens and cannot be read: no view reads for ever or counts to nothing."""
    whole = stored_home.state_file.read_bytes()
    spoil_pages(stored_home)
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: "malformed" in str(app.screen.query_one(BigTable).notice))
        for view in VIEWS.keys() - {"query"}:
            table = await come_to(app, view, wait)
            await wait(lambda table=table: table.contents.rows or "malformed" in str(table.notice))  # type: ignore[misc]
            assert "reading " not in screen_text(app).lower()
            assert "0 of 0 assessed" not in screen_text(app)
        stored_home.state_file.write_bytes(whole)
        table = await come_to(app, "_default", wait)
        await wait(lambda: table.contents.rows and "cannot be read" not in screen_text(app))


async def test_machines_and_overview_tell_that_they_are_not_of_now(
    stored_home: Home, deck: Deck, until: UntilOf
) -> None:
    """What was read stays, and its title says so."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        table = await come_to(app, "overview", wait)
        await wait(lambda: table.contents.rows)
        spoil(stored_home)
        for view in ("overview", "_default"):
            await come_to(app, view, wait)
            await wait(lambda: "cannot be read now" in str(app.screen.query_one("#title").render_line(0).text))
