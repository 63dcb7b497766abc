"""The live demo from the app: a machine of it is assessed by a key, and its updates are shown."""

from collections.abc import Awaitable, Callable, Iterator

import pytest
from textual.pilot import Pilot

from ops.demo_live import LiveDemo, open_live_demo
from ops.enrolment import find_machine
from ops.missing import list_missing
from tests.tui.conftest import screen_text
from tui.opening import app_over
from tui.widgets.table import BigTable

UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


@pytest.fixture(scope="module")
def live() -> Iterator[LiveDemo]:
    """The demo with one machine by WinRM and one by SSH."""
    with open_live_demo(1) as demo:
        yield demo


async def test_a_live_machine_is_assessed_and_shows_its_kbs(live: LiveDemo, until: UntilOf) -> None:
    """Nobody is asked for a password or a certificate; both machines answer, and the KBs are on the screen."""
    home = live.demo.home
    app = app_over(home, clock=live.clock)
    async with app.run_test(size=(160, 48)) as pilot:
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) > len(live.machines))
        await pilot.press("slash", *"demo=live", "enter")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == len(live.machines))
        await pilot.press("A")
        await until(pilot)(lambda: screen_text(app).count("just now") == len(live.machines))
        await pilot.press("enter")
        await until(pilot)(lambda: "KB504428" in screen_text(app))
    missing = list_missing(home, [find_machine(home, name).id for name in live.machines])
    assert {"KB5044281", "KB5044284"} <= {kb for found in missing for kb in found.update.advisories}
