"""Missing updates of a fleet that changes while they are read: one read at a time, and nothing made on the screen."""

import threading
from collections.abc import Awaitable, Callable
from datetime import datetime

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.missing_groups import MissingGroups, list_groups
from tui.app import PatchdeckApp
from tui.rows.missing_rows import missing_rows
from tui.screens.missing import MissingScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


async def test_fleet_that_changes_while_it_is_read_is_read_once_more(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five changes during a read are one read after it; rows are made in the thread that read."""
    may_read, reads, makers = threading.Event(), [0], set[int]()

    def read(home: Home, at: datetime | None) -> MissingGroups:
        reads[0] += 1
        may_read.wait(30)
        return list_groups(home, at)

    def make(*arguments: object) -> object:
        makers.add(threading.get_ident())
        return missing_rows(*arguments)  # type: ignore[arg-type]  # as the screen gave them

    monkeypatch.setattr("tui.screens.missing.ask_apart", lambda home, _, at: read(home, at))
    monkeypatch.setattr("tui.screens.missing.missing_rows", make)
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("2")
        await wait(lambda: reads == [1] and "Reading the missing updates" in text_of(app))
        statuses, revision = app.fleet.statuses, app.fleet.revision or 0
        for step in range(1, 6):
            app.fleet.take(revision + step, statuses)
            app.publish()
        may_read.set()
        await wait(lambda: reads == [2] and "openssl" in text_of(app) and not app.screen._reading._is_reading)  # type: ignore[attr-defined]  # of the screen in front
        assert isinstance(app.screen, MissingScreen)
        assert reads == [2]
        assert threading.get_ident() not in makers


async def test_what_cannot_be_read_is_told_once(
    stored_home: Home, deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change of the fleet reads again, and says nothing new of the same."""
    reads = [0]

    def fail(*_: object) -> None:
        reads[0] += 1
        raise PatchdeckError("The tables are away.")

    monkeypatch.setattr("tui.screens.missing.ask_apart", fail)
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("2")
        await wait(lambda: reads[0] >= 1 and not app.screen._reading._is_reading)  # type: ignore[attr-defined]  # as above
        before = reads[0]
        app.publish()
        await wait(lambda: reads[0] > before and not app.screen._reading._is_reading)  # type: ignore[attr-defined]  # as above
        assert [each.text for each in app.said].count("The tables are away.") == 1
