"""What machines say of a run, and what stands in definitions, steers no screen."""

import re
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.app import App
from textual.pilot import Pilot

from fleet.deployments.runs import InstallationStatus, MachineRunStatus
from fleet.failures import Finding, FindingKind, Severity
from ops.deployments import events
from ops.home import Home
from ops.state.database import connect
from ops.state.deployments import DeploymentBook
from tests.tui.made_runs import NOW, make_outcome
from tui.app import PatchdeckApp
from tui.screens.run import RunScreen
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome
    from tests.tui.made_runs import MadeRun

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
HOSTILE = (
    "[@click=app.boom]x[/] [/] \x1b]0;title\x07 \x1b[6n \x9b31m a\x00b\rc host\u202egnp.exe zero\u200bwidth 漢字 "
    + "x" * 900
)


def spoil(live: "MadeRun") -> None:
    """Puts hostile text wherever a machine, or a script, may put some."""
    machine = live.machines[1]
    who = (machine.machine_id, machine.machine_name)
    outcome = replace(make_outcome(HOSTILE, InstallationStatus.INSTALL_FAILED), error=HOSTILE, log_excerpt=HOSTILE)
    finding = Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, HOSTILE, HOSTILE)
    spoilt = replace(machine, status=MachineRunStatus.FAILED, error=HOSTILE, outcomes=(outcome,), findings=(finding,))
    live.save(spoilt)
    live.folder.put_log(
        machine.machine_name, 0, b"\x1b]52;c;aGk=\x07\x9b31m\x00 \xff\xfe\r\n" + HOSTILE.encode() + b"\n" * 3
    )
    live.folder.note_command(machine.machine_name, NOW, HOSTILE, 0.1, 0)
    live.tell(
        events.MachineProgress(NOW, *who, 1e9, HOSTILE, HOSTILE),
        events.MachineNote(NOW, *who, HOSTILE),
        events.MachineOver(NOW, *who, MachineRunStatus.FAILED, HOSTILE),
        events.MachineProgress(NOW, live.machines[2].machine_id, live.machines[2].machine_name, -5.0, HOSTILE, HOSTILE),
        events.RunNote(NOW, HOSTILE),
        events.GateFailed(NOW, 0, (HOSTILE, HOSTILE)),
    )
    live.save_run(note=HOSTILE, requester=replace(live.run.requester, reason=HOSTILE, ssh_client=HOSTILE))


async def test_no_screen_of_runs_obeys_what_a_machine_says(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Every tab of every screen shows control characters and markup as harmless text, and none of them crashes it."""
    live = worked_home.live
    spoil(live)
    with closing(connect(worked_home.home.state_file)) as connection:
        book = DeploymentBook(connection)
        book.replace(replace(book.find("web").deployment, description="[/] [@click=app.boom]x[/]"))
    app = deck(worked_home.home)

    def harmless() -> None:
        assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]

    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        for key in "45":
            await pilot.press(key, "G")
            await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) >= 2)
            await pilot.pause()
            harmless()
        app.run_command(f"watch {live.run.id}")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen) and len(app.screen.table.contents) == 6)
        for keys in (("G",), ("g",), ("down",), ("@",), ("tab",), ("tab", "G"), ("tab", "g")):
            await pilot.press(*keys)
            await pilot.pause(0.05)
            harmless()
        await pilot.press("slash", *"ams-01", "enter", "enter")
        for key in ("tab", "tab", "tab", "tab", "tab"):
            await pilot.pause(0.05)
            harmless()
            await pilot.press(key)
        assert app.is_running
