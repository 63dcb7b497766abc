"""One picture of each screen of alerts, audit and messages, at 80x24 and wide, over the same few deeds."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tests.tui.made_tellings import make_told_home
from tui.app import PatchdeckApp
from tui.screens.reading_screen import ReadingScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
SIZES = ((80, 24), (200, 60))
# The command, the keys after it, and the text that shows that its screen is there.
SCREENS: dict[str, tuple[str, Sequence[str], str]] = {
    "alerts": ("alerts", ("down",), "missing for 41 days"),
    "audit": ("audit", (), "192.0.2.44"),
    "entry": ("audit", ("enter",), "tags.ring"),
    "messages": ("messages", (), "451"),
}


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    empty_home: Home,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    size: tuple[int, int],
) -> None:
    """The screen as it looks."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    make_told_home(empty_home)
    app = deck(empty_home)
    command, keys, shows = SCREENS[name]

    def shown(text: str) -> bool:
        return text in text_of(app)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.revision is not None and app.work.open_alerts)
        app.run_command(command)
        await until(pilot)(lambda: isinstance(app.screen, ReadingScreen) and len(app.screen.table.contents))
        await pilot.press(*keys)
        await until(pilot)(partial(shown, shows))
        app.clear_notifications()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
