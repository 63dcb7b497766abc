"""Pictures of why an update is not installed, at 80x24 and wide."""

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Classification
from ops.deployments.definitions import define
from ops.home import Home
from tests.tui.made_runs import CACHES
from tests.tui.test_snapshots import SIZES, Compare, Deck, TextOf, UntilOf
from tui.app import PatchdeckApp


@pytest.mark.parametrize("size", SIZES)
def test_why_not(
    stored_home: Home,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    snap_compare: Compare,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a held update on a machine for which one deployment is."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    monkeypatch.setattr("socket.gethostname", lambda: "jump-01")
    define(stored_home, replace(CACHES, updates=UpdateRules(classes=tuple(Classification))))
    app: PatchdeckApp = deck(stored_home)

    async def before(pilot: Pilot[int]) -> None:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("why cache-ams-01 curl")
        await until(pilot)(lambda: "Somebody holds the package" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)
