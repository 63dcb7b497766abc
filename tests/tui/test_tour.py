"""The tour: each step goes on by its real key; one key leaves it, and nothing of it stays."""

import asyncio
from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from ops.home import Home
from tests.tui.conftest import NOW, Until
from tui.app import PatchdeckApp
from tui.tour_steps import STEPS
from tui.widgets.tour_pane import TourPane

_KEYS = (["enter"], ["escape"], ["/", "w", "e", "b", "enter"], ["space"], ["2"], ["ctrl+n"], ["4"], ["3"], ["f1"])


def step_of(app: PatchdeckApp) -> str:
    panes = list(app.screen.query(TourPane))
    return panes[0].text if panes else ""


async def begin(pilot: Pilot[int], wait: Until) -> None:
    await pilot.press(":", *"tour", "enter")
    app = pilot.app
    assert isinstance(app, PatchdeckApp)
    await wait(lambda: f"2 of {len(STEPS)}" in step_of(app))


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
def test_each_step_goes_on_by_its_own_key(
    fleet_home: Home, until: Callable[[Pilot[int]], Until], size: tuple[int, int]
) -> None:
    """From the machines to the help; at the end nothing of it is left on any screen."""

    async def run() -> None:
        app = PatchdeckApp(fleet_home, clock=lambda: NOW)
        async with app.run_test(size=size) as pilot:
            wait = until(pilot)
            await wait(lambda: bool(app.fleet.statuses))
            await begin(pilot, wait)
            for number, keys in enumerate(_KEYS[:-1], 3):
                await pilot.press(*keys)
                await wait(lambda n=number: f"{n} of {len(STEPS)}" in step_of(app))  # type: ignore[misc]
            await pilot.press(*_KEYS[-1])
            await wait(lambda: app.tour is None)
            await pilot.press("escape")
            await wait(lambda: not app.screen.query(TourPane))
            assert app.said[-1].text.startswith("That was the tour")

    asyncio.run(run())


def test_one_key_leaves_it_and_another_goes_on(fleet_home: Home, until: Callable[[Pilot[int]], Until]) -> None:
    """Without doing what the step asks for; both keys are nothing where there is no tour."""

    async def run() -> None:
        app = PatchdeckApp(fleet_home, clock=lambda: NOW)
        async with app.run_test(size=(80, 24)) as pilot:
            wait = until(pilot)
            await wait(lambda: bool(app.fleet.statuses))
            await pilot.press("ctrl+n", "ctrl+x")
            assert app.tour is None
            await begin(pilot, wait)
            await pilot.press("ctrl+n")
            await wait(lambda: f"4 of {len(STEPS)}" in step_of(app))
            await pilot.press("ctrl+x")
            await wait(lambda: app.tour is None and not step_of(app))

    asyncio.run(run())


def test_no_line_of_a_step_is_cut_at_eighty_columns() -> None:
    """What to press and what it is about are whole, whatever the key is called."""
    for step in STEPS:
        assert len(f"Press {step.key} {step.does}") <= 78
        assert len(step.about) <= 78
