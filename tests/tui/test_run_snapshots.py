"""One picture of each screen of deployments and runs, at 80x24 and wide, over the same runs at the same moment."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tests.tui.quick_workers import QuickFleet
from tui.app import PatchdeckApp

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
SIZES = ((80, 24), (200, 60))
# A preview assesses its machines; the header says so when it next looks.
AFTER_PREVIEW = "17 of 24 assessed"
# The keys, and after each of them the text that shows that its screen is there.
SCREENS: dict[str, Sequence[tuple[Sequence[str], str]]] = {
    "deployments": ((("4",), "Fri 2026-12-11"), (("G",), "web-*: 5 enabled")),
    "calendar": ((("4",), "Fri 2026-12-11"), (("c",), "that day"), (("n",), "1 that day")),
    "runs": ((("5",), "Runs 2"), (("down",), "5 of 6 machines")),
    "run": ((("5",), "Runs 2"), (("enter",), "Setting up openssl")),
    "results": ((("5",), "Runs 2"), (("down", "enter"), "Setting up"), (("tab", "tab"), "1×")),
    "run_machine": ((("5",), "Runs 2"), (("down", "enter"), "Setting up"), (("enter",), "58 s")),
    "new": (
        (("4",), "Fri 2026-12-11"),
        (("n",), "New deployment"),
        (
            (*"web-2", "tab", *"web-*", "pagedown", "pagedown", *"2026-12-01 02:30", "tab", "tab", *"2nd tue"),
            "2027-02-09",
        ),
    ),
    "run_form": ((("4",), "Fri 2026-12-11"), (("G",), "web-*: 5 enabled"), (("r",), "5 or web")),
    "preview": (
        (("4",), "Fri 2026-12-11"),
        (("G",), "web-*: 5 enabled"),
        (("p",), "15 changes ─ by"),
        ((), AFTER_PREVIEW),
        (("down",), "libnew1."),
    ),
    "machine_plan": (
        (("4",), "Fri 2026-12-11"),
        (("G",), "web-*: 5 enabled"),
        (("p",), "15 changes ─ by"),
        ((), AFTER_PREVIEW),
        (("enter",), "would change"),
        (("G",), "held back by"),
    ),
}


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(
    worked_home: "WorkedHome",
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
    monkeypatch.setattr("ops.deployments.preview.reached_machines", QuickFleet().reached)
    app = deck(worked_home.home)

    def shown(text: str) -> bool:
        return text in text_of(app)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.statuses)
        for keys, shows in SCREENS[name]:
            await pilot.press(*keys)
            await until(pilot)(partial(shown, shows))
        # What is noticed goes away after some seconds, and takes as long as the machine is slow.
        app.clear_notifications()
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=before)
