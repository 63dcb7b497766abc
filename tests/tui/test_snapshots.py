"""One picture of each screen at 80x24 and one wide, over the same fleet at the same moment."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.edit_conflicts import EditConflict, EditedPlace
from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.edit_conflict import EditConflictOverlay
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
SIZES = ((80, 24), (200, 60))


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.fixture
def app(stored_home: Home, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> PatchdeckApp:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    monkeypatch.setattr("socket.gethostname", lambda: "jump-01")
    return deck(stored_home)


@pytest.mark.parametrize("size", SIZES)
def test_machines(app: PatchdeckApp, until: UntilOf, snap_compare: Compare, size: tuple[int, int]) -> None:
    """The list of machines with two marked and the cursor on a third."""

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.screen.query_one(BigTable).contents)
        await pilot.press("down", "space", "space", "down")

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_machine(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """One machine's updates with the cursor on one that is held."""

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.screen.query_one(BigTable).contents)
        await pilot.press("enter")
        await until(pilot)(lambda: "[Updates 7]" in text_of(app))
        await pilot.press(*["down"] * 4)
        await until(pilot)(lambda: "Not installable, held" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_missing_updates(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """What is missing over all machines."""

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("2")
        await until(pilot)(lambda: "linux-image-amd64" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_query(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """A query before it is asked: editor, and what helps."""

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("3")
        await until(pilot)(lambda: "shows the predefined queries" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


def test_first_run(
    empty_home: Home,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a newcomer sees."""
    monkeypatch.setattr("socket.gethostname", lambda: "jump-01")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    app = deck(empty_home)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: "No machine is enrolled yet." in text_of(app))

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)


def test_edit_conflict(app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare) -> None:
    """Two edits of a group: what both changed, what one did, and the four keys."""
    conflict = EditConflict(
        "group web", None, None, None, by="anna from 192.0.2.7", at=datetime(2026, 11, 22, 11, 58, tzinfo=UTC),
        places=(
            EditedPlace("targets", "web-*", "web-*, cache-*", "web-fra-*"),
            EditedPlace("description", None, "in front of the load balancer, all sites", None),
            EditedPlace("max_machines", "10", "10", "25"),
        ),
    )  # fmt: skip

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.screen.query_one(BigTable).contents)
        app.push_screen(EditConflictOverlay(conflict))
        await until(pilot)(lambda: "BOTH" in text_of(app))

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)
