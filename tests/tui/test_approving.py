"""Four eyes in the app: a previewed plan and a waiting run are approved by the count or the name, never by one key."""

from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.approvals import Approval
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run, RunStatus
from fleet.persons import Person
from ops.home import Home
from ops.state.approvals import ApprovalBook
from ops.state.database import connect, opened
from ops.state.deployments import DeploymentBook
from ops.state.runs import RunBook
from tests.tui.made_runs import ANNA, WEB
from tests.tui.pasting import paste
from tests.tui.quick_workers import QuickFleet
from tui.app import PatchdeckApp
from tui.screens.approval_form import ApprovalForm
from tui.screens.approvals import ApprovalsScreen
from tui.screens.confirm import Confirm
from tui.screens.preview import PreviewScreen
from tui.screens.run import RunScreen
from tui.widgets.detail import Detail

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
BEN, CARL = Person((4_002,), "ben"), Person((4_003,), "carl")


@pytest.fixture
def guarded_home(worked_home: "WorkedHome", monkeypatch: pytest.MonkeyPatch) -> Home:
    """Anna's deployment needs the approval of one other; whoever sits here is ben."""
    monkeypatch.setattr("ops.deployments.preview.reached_machines", QuickFleet().reached)
    monkeypatch.setattr("ops.approvals.giving.current_person", lambda: BEN)
    with closing(connect(worked_home.home.state_file)) as connection:
        DeploymentBook(connection, person=Person((4_001,), "anna")).replace(replace(WEB, needs_approval=1))
    return worked_home.home


def approvals_of(home: Home) -> list[Approval]:
    with opened(home.state_file) as connection:
        return ApprovalBook(connection).given("web")


async def test_previewed_plan_is_approved_by_its_count(
    guarded_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The title says what is missing; a wrong word approves nothing; the approval can be taken back."""
    app = deck(guarded_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("preview web")
        await until(pilot)(lambda: isinstance(app.screen, PreviewScreen) and "0 of 1 approval" in text_of(app))
        await pilot.press("a")
        await until(pilot)(lambda: isinstance(app.screen, ApprovalForm) and "15 changes on 5 machines" in text_of(app))
        await pilot.press("y", "enter")
        await until(pilot)(lambda: "Type 5 or web to approve it" in app.screen.query_one(".hint", Detail).text)
        assert not approvals_of(guarded_home)
        await pilot.press("backspace", "5", "tab")
        await paste(pilot, "read it")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, PreviewScreen) and "1 of 1 approval, by ben" in text_of(app))
        app.run_command("approvals")
        await until(pilot)(lambda: isinstance(app.screen, ApprovalsScreen) and "3 d more" in text_of(app))
        assert "1 approval in force" in text_of(app)
        await pilot.press("x")
        await until(pilot)(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot)(lambda: "ben withdrew it" in text_of(app))
    (approval,) = approvals_of(guarded_home)
    assert approval.note == "read it"


async def test_waiting_run_says_so_and_is_approved(
    guarded_home: Home, worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Its screen says what it waits for and which key helps; who asked for it is told that theirs does not count."""
    asker = replace(ANNA, person=CARL)
    past = worked_home.past.run
    waiting: Run = replace(
        past,
        id="20261122T120000-waiting",
        status=RunStatus.WAITING,
        requester=asker,
        ended_at=None,
        plan_hash="ab" * 32,
        waits_for_approval=True,
        note="It waits for approval: 0 of 1 approval.",
        deployment=replace(WEB, needs_approval=1),
    )
    with opened(guarded_home.state_file) as connection:
        book = RunBook(connection)
        book.make(waiting)
        book.freeze(waiting, Plan("web", waiting.opens_at, (), waiting.plan_hash), ())
    app = deck(guarded_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command(f"watch {waiting.id}")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen) and "waits for approval" in text_of(app))
        await pilot.press("a")
        await until(pilot)(
            lambda: isinstance(app.screen, ApprovalForm) and "carl, who asked for the run" in text_of(app)
        )
        await pilot.press(*"web", "enter")
        await until(pilot)(lambda: app.said and "1 of 1 approval, by ben" in app.said[-1].text)


async def test_nobody_approves_their_own(
    guarded_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal says why, and nothing is kept."""
    monkeypatch.setattr("ops.approvals.giving.current_person", lambda: Person((4_001,), "anna"))
    app = deck(guarded_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("preview web")
        await until(pilot)(lambda: isinstance(app.screen, PreviewScreen) and "changes" in text_of(app))
        await until(pilot)(lambda: "0 of 1 approval" in text_of(app))
        await pilot.press("a")
        await until(pilot)(lambda: isinstance(app.screen, ApprovalForm))
        await pilot.press(*"web", "enter")
        await until(pilot)(lambda: app.said and "nobody approves their own" in app.said[-1].text)
    assert not approvals_of(guarded_home)


async def test_who_approves_after_the_number_was_lowered_is_told(
    guarded_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """After the run that they let begin nobody is asked."""
    with closing(connect(guarded_home.state_file)) as connection:
        DeploymentBook(connection, person=Person((4_003,), "dora")).replace(replace(WEB, needs_approval=0))
    app = deck(guarded_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("preview web")
        await until(pilot)(lambda: isinstance(app.screen, PreviewScreen) and "0 of 1 approval" in text_of(app))
        await pilot.press("a")
        await until(pilot)(lambda: isinstance(app.screen, ApprovalForm))
        assert "needs 1 approval as before; none once a run began" in " ".join(
            app.screen.query_one(".hint", Detail).text.split()
        )
