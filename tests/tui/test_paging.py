"""The user's pager: it gets what is on the screen, as text, and the app comes back as it was."""

import os
import stat
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.machines import MachinesScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


@pytest.fixture
def pager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pager with arguments that keeps what it is given; a test has no terminal that could be lent."""
    kept = tmp_path / "paged"
    script = tmp_path / "my pager"
    script.write_text(f'#!/bin/sh\nprintf "%s|" "$1" "$LESSSECURE" > "{kept}"\ncat "$2" >> "{kept}"\n', "utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PAGER", f"'{script}' '-R; touch {tmp_path}/injected'")

    @contextmanager
    def lent(_: PatchdeckApp) -> Iterator[None]:
        yield

    monkeypatch.setattr("tui.lending._given_terminal", lent)
    return kept


async def test_row_is_read_in_the_pager(fleet_home: Home, deck: Deck, until: UntilOf, pager: Path) -> None:
    """All columns, also those that do not fit; $PAGER's arguments are its own, and no shell reads them."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("V")
        await until(pilot)(pager.exists)
        text = pager.read_text(encoding="utf-8")
        assert text.startswith("-R; touch ")
        assert "|1|" in text
        assert "Reached by" in text
        assert isinstance(app.screen, MachinesScreen)
    assert not (pager.parent / "injected").exists()


async def test_missing_pager_says_so(
    fleet_home: Home, deck: Deck, until: UntilOf, pager: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, and the app goes on."""
    monkeypatch.setenv("PAGER", os.devnull + "-is-no-pager")
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("V")
        await until(pilot)(lambda: app.said and "cannot be started" in app.said[-1].text)


async def test_key_without_a_row_says_why(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Greyed in the row of keys, told when pressed."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("V")
        await until(pilot)(lambda: app.said and "there is no row under the cursor" in app.said[-1].text)
        await pilot.press("x")
        await until(pilot)(lambda: "no assessment is running" in app.said[-1].text)
