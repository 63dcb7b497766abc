"""Previews by keys alone: machines as they come, their exact changes, and what is done with the plan."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.deployments.history import list_runs
from ops.home import Home
from tests.tui.quick_workers import QuickFleet
from tui.app import PatchdeckApp
from tui.screens.deployments import DeploymentsScreen
from tui.screens.file_form import FileForm
from tui.screens.machine_plan import MachinePlanScreen
from tui.screens.preview import PreviewScreen
from tui.screens.run import RunScreen
from tui.screens.run_form import RunForm
from tui.screens.table_screen import NO_PAST
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.fixture
def quick_fleet(monkeypatch: pytest.MonkeyPatch) -> QuickFleet:
    """Machines that answer at once, in the place of real ones."""
    fleet = QuickFleet()
    monkeypatch.setattr("ops.deployments.preview.reached_machines", fleet.reached)
    return fleet


async def open_preview(app: PatchdeckApp, pilot: Pilot[int], until: UntilOf) -> None:
    await until(pilot)(lambda: app.fleet.statuses)
    await pilot.press("colon", *"preview web", "enter")
    await until(pilot)(lambda: isinstance(app.screen, PreviewScreen))


def cells(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    return next(row.cells for row in app.screen.query_one(BigTable).contents.rows if row.cells[0] == name)


async def test_machines_appear_as_they_are_planned(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """A slow machine keeps nobody else's plan back; the hash comes with the last one."""
    quick_fleet.held = ("web-fra-02",)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "4 of 5 planned …" in text_of(app))
        assert cells(app, "web-ams-01")[2] == "2 upgraded, 1 new"
        assert cells(app, "web-fra-02")[2] == "asking …"
        quick_fleet.go.set()
        await until(pilot)(lambda: "─ hash " in text_of(app) and "15 changes" in text_of(app))


async def test_plans_keep_coming_behind_another_view(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """Who looks at the missing updates meanwhile finds the whole plan when coming back."""
    quick_fleet.held = ("web-fra-02",)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        preview = app.screen
        await until(pilot)(lambda: "4 of 5 planned …" in text_of(app))
        await pilot.press("2")
        await until(pilot)(lambda: app.screen is not preview)
        quick_fleet.go.set()
        shown = preview.query_one(BigTable).contents
        await until(pilot)(lambda: all("asking" not in row.cells[2] for row in shown.rows))
        await pilot.press("1")
        await until(pilot)(lambda: app.screen is preview and "─ hash " in text_of(app))


async def test_silent_machine_says_so_in_its_row(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """A machine that cannot be reached is in the plan with its problem, and costs the others nothing."""
    quick_fleet.silent = ("web-ams-02",)
    app = deck(worked_home.home)
    async with app.run_test(size=(140, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "1 with a problem" in text_of(app) and "─ hash " in text_of(app))
        assert cells(app, "web-ams-02")[2] == "nothing can be done"
        assert "refused" in cells(app, "web-ams-02")[-1]


async def test_preview_of_the_present_says_so_in_the_past_and_asks_no_machine(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """What was previewed before somebody went to another time stands there as what it is; f5 says why not."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "─ hash " in text_of(app))
        app.run_command("asof yesterday")
        await until(pilot)(lambda: app.instant is not None and f"─ {NO_PAST} ─ hash " in text_of(app))
        await pilot.press("f5")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith("Again: the app shows"))
        assert "─ hash " in text_of(app)


async def test_enter_shows_the_exact_changes(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """Package by package with versions and sizes, then what the package manager keeps, in its words."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "─ hash " in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachinePlanScreen))
        shown = [row.cells[:2] for row in app.screen.query_one(BigTable).contents.shown]
        assert shown == [("curl", "upgraded"), ("openssl", "upgraded"), ("libnew1", "new"), ("vim", "kept")]
        await pilot.press("G")
        await until(pilot)(lambda: quick_fleet.words in app.screen.query_one(Detail).text)
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, PreviewScreen))


async def test_this_plan_is_run_and_no_other(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """Run from a preview, the run requires the plan that was seen."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "─ hash " in text_of(app))
        await pilot.press("r")
        await until(pilot)(lambda: isinstance(app.screen, RunForm))
        assert "Only if the plan is still" in app.screen.query_one(".hint", Detail).text
        await pilot.press(*"web", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen))
    newest = max((summary.run for summary in list_runs(worked_home.home)), key=lambda run: run.requested_at)
    assert len(newest.required_plan) == 64


async def test_plan_is_written_and_its_hash_copied(
    worked_home: "WorkedHome",
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    quick_fleet: QuickFleet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file is the one that the verb writes; the hash is whole on the clipboard."""
    monkeypatch.chdir(tmp_path)
    copied: list[str] = []
    app = deck(worked_home.home)
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "─ hash " in text_of(app))
        await pilot.press("H", "w")
        await until(pilot)(lambda: isinstance(app.screen, FileForm))
        await pilot.press("enter")
        await until(pilot)((tmp_path / "web-plan.json").exists)
    assert copied[0] in (tmp_path / "web-plan.json").read_text()


async def test_no_machine_is_said_and_escape_leads_back(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """A deployment that means no machine says so where its machines would be."""
    from ops.deployments.definitions import define
    from tests.tui.made_runs import DATABASES

    define(fleet_home, DATABASES.__class__("nowhere", ("mars-*",), DATABASES.updates))
    app = deck(fleet_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen) and app.screen.table.contents.rows)
        await pilot.press("p")
        await until(pilot)(lambda: "has no machine to work on" in text_of(app))
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen))


async def test_present_is_not_left_while_machines_are_asked(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, quick_fleet: QuickFleet
) -> None:
    """What they answer is stored at the end, which the past bars: `:asof` waits for the plan, also of another view."""
    quick_fleet.held = ("web-fra-02",)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_preview(app, pilot, until)
        await until(pilot)(lambda: "4 of 5 planned …" in text_of(app))
        await pilot.press("2")
        app.run_command("asof yesterday")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith("A preview of web is being made"))
        assert app.instant is None
        await pilot.press("1")
        quick_fleet.go.set()
        await until(pilot)(lambda: "─ hash " in text_of(app))
        app.run_command("asof yesterday")
        await until(pilot)(lambda: app.instant is not None)
