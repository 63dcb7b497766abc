"""One picture of the overview and of the settings, at 80x24 and wide."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.groups.group import Group
from ops.groups import define_group
from ops.overview.trend import TrendDay
from tests.tui.conftest import WorkedHome
from tui.app import PatchdeckApp

Deck = Callable[..., PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.mark.parametrize(
    ("command", "shows", "size"),
    [
        pytest.param("overview", "(1 Nov) to", (80, 24), id="overview"),
        pytest.param("overview", "(1 Nov) to", (200, 60), id="overview-wide"),
        # Not wide: it would be another with each new setting.
        pytest.param("settings", "line 2", (80, 24), id="settings"),
    ],
)
def test_screen(
    worked_home: WorkedHome,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    snap_compare: Compare,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    shows: str,
    size: tuple[int, int],
) -> None:
    """The screen as it looks."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    days = [TrendDay(date(2026, 11, 1) + timedelta(n), 24, 24 * (n % 9 != 5), (5 + n) % 20) for n in range(22)]
    monkeypatch.setattr("ops.overview.trend.ask_trend_apart", lambda *_: days)
    home = worked_home.home
    home.config_file.write_text("[assess]\nconcurrency = 50\n")
    for name, target in (("everything", "all"), ("web", "web-*"), ("databases", "db-*")):
        define_group(home, Group(name, targets=(target,)))
    app = deck(home)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.revision is not None)
        app.run_command(command)
        await until(pilot)(lambda: shows in text_of(app))
        app.clear_notifications()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
