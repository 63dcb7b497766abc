"""The first screenful of machines: the same that the whole list begins with, shown before the others are read."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from fleet.scope import Scope
from ops.home import Home
from ops.state import first_look as looking
from ops.state.database import opened
from ops.state.first_look import first_look
from ops.state.scope import ScopeBook
from ops.state.statuses import StatusBook
from tests.tui.conftest import Until
from tui.app import PatchdeckApp
from tui.beginning import begin
from tui.rows.machine_rows import machine_rows
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "_WORTH_IT", 1)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=4), timedelta(hours=14), timedelta(days=9)])
def test_first_look_is_how_the_whole_list_begins(fleet_home: Home, now: datetime, later: timedelta) -> None:
    """Unreachable, stale, disabled, never assessed, with security updates: at any time."""
    with opened(fleet_home.state_file) as connection:
        every = machine_rows(StatusBook(connection).list_statuses(), now + later)
        for count in (1, 7, 16, 24):
            found, total = first_look(connection, now + later, count)
            assert total == 24
            assert [row.key for row in machine_rows(found, now + later)] == [row.key for row in every[:count]]


def test_scope_is_not_guessed(fleet_home: Home, now: datetime) -> None:
    """Who is outside is known once all are."""
    with opened(fleet_home.state_file) as connection:
        ScopeBook(connection).put(Scope(("web",)))
        assert first_look(connection, now, 5) == ([], 24)


def test_begin_without_a_database_is_empty(empty_home: Home, now: datetime) -> None:
    """What is wrong is told by who reads it whole."""
    empty_home.state_file.write_bytes(b"no database" * 100)
    assert begin(empty_home, lambda: now).result(timeout=60).first == ()


async def test_first_machines_stand_there_while_the_others_are_read(
    fleet_home: Home,
    now: datetime,
    deck: Callable[[Home], PatchdeckApp],
    until: Callable[[Pilot[int]], Until],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a word that more are coming; the cursor stays on its machine when they are there."""
    monkeypatch.setattr("tui.beginning._FIRST_MACHINES", 5)
    monkeypatch.setattr("tui.app.AFTER_FIRST_SCREEN_SECONDS", 3_600)
    app = deck(fleet_home)
    app.beginning = begin(fleet_home, lambda: now)
    async with app.run_test(size=(80, 24)) as pilot:

        def table() -> BigTable:
            return app.screen.query_one(BigTable)

        await until(pilot)(lambda: len(table().contents) == 5)
        assert "reading 19 more" in app.screen.query_one("#title", TitleRule).text
        await pilot.press("j", "j")
        row = table().cursor_row
        assert row is not None
        assert app.fleet.find(row.key) is not None
        app.reload()
        await until(pilot)(lambda: len(table().contents) == 24)
        assert table().cursor_row == row
        assert "reading" not in app.screen.query_one("#title", TitleRule).text


async def test_nothing_is_drawn_while_the_screen_is_held_back(
    fleet_home: Home, deck: Callable[[Home], PatchdeckApp], until: Callable[[Pilot[int]], Until]
) -> None:
    """What changed meanwhile waits to be drawn afterwards, instead of being drawn and thrown away."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 24)
        compositor = app.screen._compositor
        with app.batch_update():
            compositor._dirty_regions = {app.screen.region}
            app.screen._compositor_refresh()
            assert compositor._dirty_regions == {app.screen.region}
        app.screen._compositor_refresh()
        assert not compositor._dirty_regions
