"""`:asof`: every screen shows an earlier instant, changes nothing meanwhile, and comes back to now."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from ops.permission import refusal
from tests.tui.conftest import NOW
from tui.app import PatchdeckApp
from tui.screens.machines import MachinesScreen

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
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


async def test_time_to_come_is_refused(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Nothing is known of it: the screens go on with the present."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"asof {(NOW + timedelta(days=1)).isoformat()}")
        await until(pilot)(lambda: app.said and "yet to come" in app.said[-1].text)
        assert app.instant is None
