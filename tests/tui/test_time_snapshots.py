"""One picture of two instants compared, at 80x24 and wide, while an earlier one is shown."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_differences_as_of_then(
    stored_home: Home,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    """The sign at the top, the tabs with their counts, and the rows."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    app = deck(stored_home)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("asof 2026-11-22T11:30Z")
        await until(pilot)(lambda: app.instant is not None)
        app.run_command("diff 2026-11-22T11:00Z")
        await until(pilot)(lambda: "[All " in text_of(app))
        # What is told of times passes by itself, and is no part of the picture.
        app.clear_notifications()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
