"""Known, discovered and enabled machines: browsing, approving, refusing, retiring."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.status import AssessmentSummary
from ops.candidates import list_candidates
from ops.enrolment import list_machines
from ops.home import Home
from ops.lifecycle import list_retired
from ops.state.candidates import CandidateBook
from ops.state.database import opened
from ops.statuses import statuses_of
from tui.app import PatchdeckApp
from tui.screens.approve_form import ApproveForm
from tui.screens.confirm import Confirm
from tui.screens.known import KnownScreen
from tui.screens.name_form import NameForm
from tui.screens.reason_form import ReasonForm
from tui.screens.record import RecordOverlay
from tui.widgets.detail import Detail
from tui.widgets.rows import Row
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7VX5Lxk5yk3mDsC0E8y8gYh8v6a0f6H1c3dQm1h0Qm"


def candidate(number: int, name: str, now: datetime) -> Candidate:
    return Candidate(
        id=f"c-{number}",
        name=name,
        origin=CandidateOrigin.TOKEN,
        state=CandidateState.PENDING,
        found_at=now - timedelta(hours=2),
        seen_at=now - timedelta(hours=1),
        found_by="token-1",
        address=f"192.0.2.{100 + number}",
        user="patch",
        came_from=f"192.0.2.{100 + number}",
        system="Debian GNU/Linux 12 (bookworm)",
        host_keys=(KEY,),
        tags={"env": "prod"},
    )


@pytest.fixture
def waiting_home(fleet_home: Home, now: datetime) -> Home:
    """A fleet, three machines that introduced themselves, one of them doubtful, and one that a probe found."""
    found = [candidate(1, "new-01", now), candidate(2, "new-02", now), candidate(3, "new-03", now)]
    found[2] = replace(found[2], doubts=("web-fra-01 has this key already.",))
    probed = replace(
        candidate(4, "probed-01", now),
        origin=CandidateOrigin.PROBE,
        state=CandidateState.DISCOVERED,
        found_by="192.0.2.0/24",
    )
    with opened(fleet_home.state_file) as connection:
        book = CandidateBook(connection)
        for each in (*found, probed):
            book.put(each)
    return fleet_home


async def opened_screen(app: PatchdeckApp, pilot: Pilot[int], until: Callable[..., Awaitable[None]]) -> None:
    await until(lambda: app.fleet.statuses)
    await pilot.press("6")
    await until(lambda: isinstance(app.screen, KnownScreen) and app.screen.known)


def known_rows(app: PatchdeckApp) -> list[Row]:
    return app.screen.query_one(BigTable).contents.rows


def row_states(app: PatchdeckApp) -> list[str]:
    """What the shown rows say in their second column."""
    return [row.cells[1] for row in app.screen.query_one(BigTable).contents.shown]


async def test_what_waits_stands_first_and_tabs_count(
    waiting_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """Pending and discovered machines come before the enrolled ones; each tab says how many it has."""
    app = deck(waiting_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        assert row_names(app)[:4] == ["new-01", "new-02", "new-03", "probed-01"]
        tabs = app.screen.query_one(TabLine).text
        assert "[All 28]" in tabs
        assert "To decide 4" in tabs
        assert "Enabled 22" in tabs
        await until(pilot)(lambda: "4 to decide" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: len(row_names(app)) == 4)


async def test_one_is_approved_with_its_key_in_view(
    waiting_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The form shows the fingerprint that is trusted with the approval, and enrols it as it is written there."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("p")
        await until(pilot)(lambda: isinstance(app.screen, ApproveForm) and "SHA256:" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: "new-01" in [each.name for each in list_machines(waiting_home)])
        await until(pilot)(lambda: any("Trusted from now on: ssh-ed25519 SHA256:" in said.text for said in app.said))
    assert "192.0.2.101" in waiting_home.known_hosts.read_text()


async def test_key_seen_by_a_probe_is_not_trusted_unasked(
    waiting_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """What only the network said is enrolled without its key, unless somebody types that it was compared."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("down", "down", "down", "p")
        await until(pilot)(
            lambda: (
                isinstance(app.screen, ApproveForm) and "not trusted yet" in app.screen.query_one(".hint", Detail).text
            )
        )
        await pilot.press("enter")
        await until(pilot)(lambda: "probed-01" in [each.name for each in list_machines(waiting_home)])
    assert not waiting_home.known_hosts.exists()


async def test_several_are_approved_by_their_number_without_the_doubtful(
    waiting_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A machine against which something speaks is left for a decision of its own."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("space", "space", "space", "p")
        await until(pilot)(
            lambda: isinstance(app.screen, NameForm) and "1 machine with doubts left out" in text_of(app)
        )
        await pilot.press("2", "enter")
        await until(pilot)(lambda: [each.name for each in list_candidates(waiting_home)] == ["new-03", "probed-01"])


async def test_refused_stays_known(waiting_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """A refused machine is not asked for again; it stays in its tab."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("x")
        await until(pilot)(lambda: "Refuse new-01?" in text_of(app))
        await pilot.press("y")
        await until(pilot)(lambda: "Refused 1" in app.screen.query_one(TabLine).text)
    assert next(each.state for each in list_candidates(waiting_home)) is CandidateState.REFUSED


async def test_forgetting_takes_a_typed_name_or_number(waiting_home: Home, deck: Deck, until: UntilOf) -> None:
    """One by its name, several by how many they are; a slip forgets none."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("D")
        await until(pilot)(lambda: isinstance(app.screen, NameForm))
        await pilot.press("y", "enter", "backspace", *"new-01", "enter")
        await until(pilot)(lambda: "new-01" not in {each.name for each in list_candidates(waiting_home)})
        assert len(list_candidates(waiting_home)) == 3
        await until(pilot)(lambda: "new-01" not in [row.cells[0] for row in known_rows(app)])
        await pilot.press("home", "space", "space", "D")
        await until(pilot)(lambda: isinstance(app.screen, NameForm))
        await pilot.press("2", "enter")
        await until(pilot)(lambda: len(list_candidates(waiting_home)) == 1)


async def test_all_that_a_candidate_says_is_shown(
    waiting_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Enter on a machine that waits shows what it says of itself, and what speaks against it."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        await pilot.press("down", "down", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RecordOverlay) and "has this key already" in text_of(app))
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, KnownScreen))


async def test_retired_machine_comes_back(
    waiting_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """A machine is retired by its name with a reason, and restored from its tab."""
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        app.screen.query_one(BigTable).set_filter("cache-ams-01")
        await until(pilot)(lambda: row_names(app) == ["cache-ams-01"])
        await pilot.press("t")
        await until(pilot)(lambda: isinstance(app.screen, ReasonForm))
        await pilot.press(*"cache-ams-01", "tab", *"replaced", "enter")
        await until(pilot)(lambda: [each.reason for each in list_retired(waiting_home)] == ["replaced"])
        await until(pilot)(lambda: row_states(app) == ["retired"])
        await pilot.press("u")
        await until(pilot)(lambda: list_retired(waiting_home) == [])
        await until(pilot)(lambda: row_states(app) not in ([], ["retired"]))


async def test_reinstalled_machine_is_known_by_nothing_old(
    waiting_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Somebody says that it has a new system: it counts as not assessed."""
    assert _answer(waiting_home, "cache-ams-01") is not None
    app = deck(waiting_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened_screen(app, pilot, until(pilot))
        app.screen.query_one(BigTable).set_filter("cache-ams-01")
        await until(pilot)(lambda: row_names(app) == ["cache-ams-01"])
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot)(lambda: _answer(waiting_home, "cache-ams-01") is None)


async def test_without_machines_it_is_said_how_they_become_known(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The empty screen names the ways in."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("6")
        await until(pilot)(lambda: "No machine is known yet." in text_of(app))
        assert "i  import a list" in text_of(app)


def _answer(home: Home, name: str) -> AssessmentSummary | None:
    (status,) = (each for each in statuses_of(home, ["all"]) if each.machine.name == name)
    return status.last_answer
