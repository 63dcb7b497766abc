"""Assessing from the app: progress on each machine, nothing blocks, stopping keeps what came."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.compliance import Compliance
from fleet.machines import Machine, TransportKind
from ops.enrolment import find_machine, list_machines
from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import connect
from ops.statuses import statuses_of
from tui.app import PatchdeckApp
from tui.screens.confirm import Confirm
from tui.widgets.context_bar import ContextBar
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]
Enrol = Callable[[Home, list[Machine]], None]

# Answers at once, with a failure; and never within a test.
QUICK: dict[str, object] = {
    "failure": {"kind": "login-refused", "tried": "login", "came_back": "refused.", "remedy": "Check the user."}
}
SLOW: dict[str, object] = {"exit_status": 0, "delay_seconds": 3600.0, "stdout": [""]}


@pytest.fixture
def scripted(
    machine: Callable[[int, str], Machine], tmp_path: Path
) -> Callable[[int, str, dict[str, object]], Machine]:
    """A machine that answers with one reply."""

    def make(number: int, name: str, reply: dict[str, object]) -> Machine:
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps({"format": 1, "replies": [reply]}))
        plain = machine(number, name)
        return replace(plain, transport=TransportKind.SCRIPTED, transcript=str(path), enabled=True)

    return make


Scripted = Callable[[int, str, dict[str, object]], Machine]


def cells_of(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    return next(row.cells for row in app.screen.query_one(BigTable).contents.shown if row.cells[0] == name)


async def test_results_come_in_while_others_still_run(
    empty_home: Home, deck: Deck, until: UntilOf, enrol: Enrol, scripted: Scripted
) -> None:
    """Each machine's row says how it stands; stopping keeps what came and begins no more."""
    enrol(empty_home, [scripted(1, "quick-01", QUICK), scripted(2, "slow-01", SLOW)])
    app = deck(empty_home)
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("A")
        await until(pilot)(lambda: cells_of(app, "quick-01")[1] == Compliance.UNREACHABLE)
        assert cells_of(app, "slow-01")[8] == "running …"
        assert "assessing 1 of 2" in app.screen.query_one(ContextBar).text
        await pilot.press("down", "slash", *"slow")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 1)
        await pilot.press("escape", "x")
        await until(pilot)(lambda: app.scan is None)
        assert "1 failed, 1 not assessed" in app.said[-1].text
        await until(pilot)(lambda: cells_of(app, "slow-01")[1] == Compliance.NOT_ASSESSED)
    statuses = {status.machine.name: status for status in statuses_of(empty_home, ["all"])}
    assert statuses["quick-01"].last_attempt is not None
    assert statuses["slow-01"].last_attempt is None


async def test_only_marked_machines_are_assessed(
    empty_home: Home, deck: Deck, until: UntilOf, enrol: Enrol, scripted: Scripted
) -> None:
    """With marks, A assesses the marked machines only."""
    enrol(empty_home, [scripted(n, f"quick-{n:02d}", QUICK) for n in range(1, 5)])
    app = deck(empty_home)
    async with app.run_test(size=(120, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("space", "space", "A")
        await until(pilot)(lambda: app.said and "2 failed" in app.said[-1].text)
    assessed = [status.machine.name for status in statuses_of(empty_home, ["all"]) if status.last_attempt]
    assert assessed == ["quick-01", "quick-02"]


async def test_leaving_asks_while_an_assessment_runs(
    empty_home: Home, deck: Deck, until: UntilOf, enrol: Enrol, scripted: Scripted
) -> None:
    """q asks first; no stays, yes stops and leaves with what came in stored."""
    enrol(empty_home, [scripted(1, "slow-01", SLOW)])
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("A")
        await until(pilot)(lambda: app.scan is not None)
        await pilot.press("q")
        await until(pilot)(lambda: isinstance(app.screen, Confirm))
        await pilot.press("n")
        await until(pilot)(lambda: not isinstance(app.screen, Confirm))
        assert app.scan is not None
        await pilot.press("q", "y")
        await until(pilot)(lambda: not app.is_running)
    assert app.return_code == 0


async def test_first_run_enrols_and_assesses_this_machine(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """With no machine enrolled the app offers this one; enter enrols and really assesses it."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: "No machine is enrolled yet." in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith("Assessment:"))
    machine = find_machine(empty_home, "this")
    assert machine.transport is TransportKind.LOCAL
    assert statuses_of(empty_home, ["this"])[0].last_attempt is not None


async def test_machine_is_added_by_a_form(empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """a asks how the machine is reached; what cannot be used is told and nothing typed is lost."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("a", *"web-01", "tab", *"127.0.0.1:22", "enter")
        await until(pilot)(lambda: "give the port with --port" in text_of(app))
        await pilot.press(*["backspace"] * 3, "tab", "tab", *"1", "enter")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith("Assessment:"))
    [machine] = list_machines(empty_home)
    assert (machine.name, machine.address, machine.port) == ("web-01", "127.0.0.1", 1)


async def test_deeds_are_audited(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Enrolling from the app leaves the same trace as from the command line."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("enter")
        await until(pilot)(lambda: app.said and app.said[-1].text.startswith("Assessment:"))
    connection = connect(empty_home.state_file)
    assert [entry.action for entry in Audit(connection).list_entries()] == ["machines.assess", "machine.add"]
    connection.close()


async def test_news_of_a_scan_while_the_app_is_left_is_no_error(empty_home: Home, deck: Deck) -> None:
    """What a machine answers comes also when the last screen has gone."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)):
        pass
    assert not app.screen_stack
    app.scan_moved({"machine"})
