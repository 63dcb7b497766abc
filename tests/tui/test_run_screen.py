"""One run by keys alone: live by the events that are appended, asked to pause and cancel, replayed, recorded."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.deployments.runs import RunStatus, RunStep
from ops.deployments import events
from ops.home import Home
from ops.state.runs import RunAction
from tests.tui.made_runs import NOW, begin, finish
from tui.app import PatchdeckApp
from tui.screens.file_form import FileForm
from tui.screens.machine_runs import MachineRunsScreen
from tui.screens.request_form import RequestForm
from tui.screens.run import RunScreen
from tui.screens.run_machine import RunMachineScreen
from tui.screens.run_update import RunUpdateScreen
from tui.widgets.detail import Detail
from tui.widgets.log_pane import LogPane
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def open_run(app: PatchdeckApp, pilot: Pilot[int], until: UntilOf, run_id: str) -> None:
    await until(pilot)(lambda: app.fleet.statuses)
    app.run_command(f"watch {run_id}")
    await until(pilot)(lambda: isinstance(app.screen, RunScreen) and app.screen.query_one(BigTable).contents.rows)


def row_of(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    rows = app.screen.query_one(BigTable).contents.rows
    return next((row.cells for row in rows if row.cells[0] == name), ())


def cells(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    return next(row.cells for row in app.screen.query_one(BigTable).contents.rows if row.cells[0] == name)


async def test_live_run_shows_steps_progress_and_log(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Those in work stand first, with step, percent, package and log; what is appended is shown without a key."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await until(pilot)(lambda: cells(app, "web-ams-01")[2:7] != ())
        await until(pilot)(lambda: cells(app, "web-fra-01")[2] == "succeeded")
        assert row_names(app)[:2] == ["web-ams-01", "web-fra-02"]
        assert cells(app, "web-ams-01")[2:7] == (
            "in progress",
            "installing",
            "━━━━╌╌╌╌  52%",
            "unpacking openssl",
            "3 min",
        )
        await until(pilot)(lambda: "Setting up openssl" in app.screen.query_one(LogPane).text)
        who = (live.machines[1].machine_id, live.machines[1].machine_name)
        live.tell(events.MachineProgress(NOW, *who, 80.0, "curl", "configuring"))
        live.folder.put_log("web-ams-01", 1_000, b"Setting up curl ...\n")
        await until(pilot)(lambda: cells(app, "web-ams-01")[4:6] == ("━━━━━━╌╌  80%", "configuring curl"))
        await until(pilot)(lambda: "Setting up curl" in app.screen.query_one(LogPane).text)
        finish(live, live.machines[1], NOW, fails=True)
        await until(pilot)(lambda: cells(app, "web-ams-01")[2] == "failed")
        assert row_names(app)[:2] == ["web-fra-02", "web-ams-01"]


async def test_run_ends_on_the_screen(worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """The end of a run is seen while one looks, and the cursor stays on its machine."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        for machine in live.machines[1:]:
            finish(live, machine, NOW)
        live.tell(events.RunOver(NOW, RunStatus.SUCCEEDED, "6 of 6 machines succeeded"))
        live.save_run(status=RunStatus.SUCCEEDED, ended_at=NOW, note="6 of 6 machines succeeded")
        await until(pilot)(lambda: "6 of 6 over" in text_of(app) and "Succeeded" in text_of(app))


async def test_real_commands_take_the_place_of_the_log(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """@ shows what was run on the machine, with time and exit status; @ again the log."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, worked_home.live.run.id)
        await pilot.press("@")
        await until(pilot)(lambda: "exit 0  0.2 s  systemd-run" in app.screen.query_one(LogPane).text)
        await pilot.press("@")
        await until(pilot)(lambda: "Setting up openssl" in app.screen.query_one(LogPane).text)


@pytest.mark.parametrize("status", [RunStatus.IN_PROGRESS, RunStatus.PAUSED])
async def test_paused_and_resumed(worked_home: "WorkedHome", deck: Deck, until: UntilOf, status: RunStatus) -> None:
    """p asks to pause, or to resume where it is paused; what is asked and not done yet stands in the title."""
    live = worked_home.live
    live.save_run(status=status)
    wanted = RunAction.RESUME if status is RunStatus.PAUSED else RunAction.PAUSE
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("p")
        await until(pilot)(lambda: isinstance(app.screen, RequestForm))
        assert live.requests() == []
        await pilot.press(*"load", "enter")
        await until(pilot)(lambda: live.requests() == [wanted.value])
        await until(pilot)(lambda: isinstance(app.screen, RunScreen) and app.screen.feed.is_pending == wanted.value)


async def test_what_keeps_a_run_stands_in_the_title(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Who paused it and why; and of a machine what was said last, since it has not gone on."""
    live = worked_home.live
    live.save_run(status=RunStatus.PAUSED, note="paused by anna: load is high")
    app = deck(worked_home.home)
    async with app.run_test(size=(200, 60)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await until(pilot)(lambda: "Paused ─ paused by anna: load is high" in text_of(app))
        machine = live.machines[-1]
        waits = "The run X works on it; this one waits."
        live.tell(events.MachineNote(NOW, machine.machine_id, machine.machine_name, waits))
        await until(pilot)(lambda: cells(app, machine.machine_name)[-1] == waits)


async def test_cancelled_only_by_its_word(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """Enter alone cancels nothing."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("x")
        await until(pilot)(lambda: isinstance(app.screen, RequestForm))
        await pilot.press("enter")
        await until(pilot)(lambda: "Type cancel" in app.screen.query_one(".hint", Detail).text)
        assert live.requests() == []
        await pilot.press(*"cancel", "enter")
        await until(pilot)(lambda: live.requests() == ["cancel"])


async def test_cancelled_by_the_number_of_its_machines(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """What becomes of how many machines stands above the field; another number cancels nothing."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("x")
        await until(pilot)(lambda: isinstance(app.screen, RequestForm))
        told = app.screen.query_one(".hint", Detail).text
        assert "in work now" in told
        assert "not begun are never begun in this run" in told
        total = len(live.machines)
        await pilot.press(*str(total + 1), "enter")
        await until(pilot)(lambda: f"Type cancel or {total}" in app.screen.query_one(".hint", Detail).text)
        assert live.requests() == []
        await pilot.press("backspace", *str(total), "enter")
        await until(pilot)(lambda: live.requests() == ["cancel"])


async def test_waves_say_what_is_next_and_lead_to_their_machines(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf
) -> None:
    """Which wave is in work, which is next, what of the failure budget is used; enter shows the machines of one."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("tab")
        waves = sorted({machine.wave for machine in live.machines})
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents.rows) == len(waves))
        states = [row.cells[1] for row in app.screen.query_one(BigTable).contents.rows]
        assert states[0] == "in progress"
        assert "Failure budget" in app.screen.query_one("#detail", Detail).text
        await pilot.press("enter")
        first = sum(machine.wave == 0 for machine in live.machines)
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == first)


async def test_events_that_are_not_kept_are_said_to_be_gone(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Of an old run the folder is removed in time; its machines stay."""
    shutil.rmtree(worked_home.past.folder.path)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("shift+tab")
        await until(pilot)(lambda: "is not kept any more" in text_of(app))


async def test_a_run_that_is_over_cannot_be_paused(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """The key stays and says why it does nothing."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("p")
        await until(pilot)(lambda: any("is over: Failed" in said.text for said in app.said))


async def test_results_by_update_lead_to_machines(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """An update that failed somewhere stands first; enter shows on which machine, with its part of the log."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("tab", "tab")
        await until(pilot)(lambda: row_of(app, "openssl")[2:5] == ("6", "5", "1"))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, RunUpdateScreen))
        await until(pilot)(lambda: "dpkg: error processing package" in app.screen.query_one(Detail).text)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, RunMachineScreen) and app.screen.crumb == "web-ams-01")


async def test_machine_of_a_run_tells_its_steps_log_and_commands(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Steps with how long each took; then updates, log, commands and findings, tab by tab."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, RunMachineScreen) and len(row_names(app)) == 3)
        shown = [row.cells[1:] for row in app.screen.query_one(BigTable).contents.shown]
        assert shown[:2] == [("12 s", "assessing"), ("58 s", "installing")]
        await pilot.press("tab")
        await until(pilot)(lambda: cells(app, "openssl")[1] == "InstallFailed")
        await until(pilot)(lambda: "returned error 1" in app.screen.query_one(Detail).text)
        await pilot.press("L")
        await until(pilot)(lambda: cells(app, "2")[1].startswith("Setting up openssl"))
        await pilot.press("@")
        await until(pilot)(
            lambda: any(row.cells[3].startswith("systemd-run") for row in app.screen.query_one(BigTable).contents.rows)
        )
        await pilot.press("tab")
        await until(pilot)(
            lambda: "The package lists are 9 days old." in app.screen.query_one(BigTable).contents.rows[0].cells
        )


async def test_followed_log_stays_at_its_end(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """What a machine prints is appended while one looks, and the cursor goes with it."""
    live = worked_home.live
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, RunMachineScreen))
        await pilot.press("L")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 2)
        size = live.folder.log_file("web-ams-01").stat().st_size
        live.folder.put_log("web-ams-01", size, b"".join(b"line %d\n" % number for number in range(100)))
        await until(pilot)(lambda: (row := app.screen.query_one(BigTable).cursor_row) and row.cells[1] == "line 99")


async def test_replayed_as_it_went(worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """R shows the run once more from its beginning, faster if one likes, to its end; R again ends that."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("R")
        await until(pilot)(lambda: "replay " in text_of(app) and "0 of 6 over" in text_of(app))
        await pilot.press(*[">"] * 3)
        await until(pilot)(lambda: "in progress" in text_of(app))
        await pilot.press(*[">"] * 9)
        await until(pilot)(lambda: "6 of 6 over" in text_of(app))
        await pilot.press("R")
        await until(pilot)(lambda: "replay " not in text_of(app).splitlines()[1])


async def test_change_record_is_written(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Markdown by default, with what failed in it."""
    monkeypatch.chdir(tmp_path)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, worked_home.past.run.id)
        await pilot.press("w")
        await until(pilot)(lambda: isinstance(app.screen, FileForm))
        await pilot.press("enter")
        file = tmp_path / f"web-{worked_home.past.run.id}.md"
        await until(pilot)(file.exists)
    assert "post-installation script returned error 1" in file.read_text()


async def test_waiting_run_says_what_it_waits_for(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Before its plan there are no machines; the screen says when the window opens, and who asked."""
    from ops.deployments.run_requests import request_run
    from tests.tui.made_runs import CACHES

    run = request_run(worked_home.home, CACHES, NOW + timedelta(hours=4))
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"watch {run.id}")
        await until(pilot)(lambda: "It has not begun." in text_of(app))
        assert "opens in 4 h" in text_of(app)
        assert f"{run.id} asked for by " in text_of(app)
        assert "Window 2026-" in text_of(app)


async def test_machines_page_leads_to_its_runs(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """R on a machine lists the runs that it was in, and enter shows its part in one."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("web-ams-01")
        await pilot.pause()
        await pilot.press("R")
        await until(pilot)(lambda: isinstance(app.screen, MachineRunsScreen) and len(app.screen.table.contents) == 2)
        assert [row.cells[2] for row in app.screen.query_one(BigTable).contents.shown] == ["InProgress", "Failed"]
        await pilot.press("down", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunMachineScreen) and len(app.screen.table.contents) == 3)


async def test_nothing_new_draws_nothing(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing happens in the run, looks at it reach the screen not at all."""
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, worked_home.live.run.id)
        screen = app.screen
        assert isinstance(screen, RunScreen)
        await until(pilot)(lambda: "Setting up openssl" in screen.query_one(LogPane).text)
        drawn: list[object] = []
        looks: list[object] = []
        read = screen.feed._watch.look

        def look() -> object:
            looks.append(1)
            return read()

        monkeypatch.setattr(screen.feed._watch, "look", look)
        monkeypatch.setattr(screen, "fleet_changed", lambda: drawn.append(1))
        screen.look()
        await until(pilot)(lambda: len(looks) >= 2)
        assert drawn == []


async def test_retried_step_and_other_machines_do_not_mix(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """The steps of a machine are its own, and one that is begun again is there twice."""
    live = worked_home.live
    begin(live, replace(live.machines[1], attempts=2), NOW - timedelta(seconds=5))
    live.tell(events.MachineStepBegan(NOW, "someone-else", "other", RunStep.REBOOT))
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_run(app, pilot, until, live.run.id)
        await pilot.press("g", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunMachineScreen) and len(row_names(app)) == 4)
        words = [row.cells[2] for row in app.screen.query_one(BigTable).contents.shown]
        assert words == ["assessing", "installing", "assessing", "installing"]
