"""Several at once: every view shows what another process changes, without a key, and its cursor stays where it was."""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from fleet.alerts.rule import AlertRule
from fleet.approvals import Approval
from fleet.assessments import Assessment
from fleet.deployments.schedule import Schedule
from fleet.groups.group import Group
from fleet.machines import Machine
from fleet.messages import Message, MessageKind
from fleet.persons import Person
from fleet.profiles import Profile
from fleet.reports.kinds import ReportKind
from fleet.reports.schedule import ReportSchedule
from fleet.scope import Scope
from ops.assess_commit import store_batch
from ops.home import Home
from ops.settings.changing import set_setting
from ops.state.alerts import AlertBook
from ops.state.approvals import ApprovalBook
from ops.state.audit import Audit
from ops.state.channels import ChannelBook
from ops.state.database import connect
from ops.state.deployments import DeploymentBook
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.outbox import Outbox
from ops.state.profiles import ProfileBook
from ops.state.report_schedules import ReportScheduleBook
from ops.state.scope import ScopeBook
from tests.tui.conftest import NOW, WorkedHome, make_machine, screen_text
from tests.tui.made_runs import CACHES, make_run
from tests.tui.made_tellings import ANNA, FAILED, MAIL, OVERDUE, Texts, make_open, make_told_home
from tui.app import PatchdeckApp
from tui.views import VIEWS

Deck = Callable[[Home], PatchdeckApp]
Until = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
Make = Callable[[Machine, int], Assessment]
ID = "90000000-0000-4000-8000-000000000001"
DAILY: Schedule = CACHES.schedule  # type: ignore[assignment]  # it has one


def _open_alert(connection: sqlite3.Connection) -> None:
    record, event = make_open(FAILED, "aaa", 1, Texts(found="aaa-found"))
    book = AlertBook(connection)
    book.keep_records(FAILED.id, [record], [])
    book.add_events([event])


def _rule(name: str) -> AlertRule:
    return replace(OVERDUE, id=ID, name=name)


def _post(connection: sqlite3.Connection) -> None:
    message = Message(ID, MessageKind.ALERT_OPENED, OVERDUE.severity, NOW, "aaa-told", "aaa-told", {}, (), 1)
    Outbox(connection).post(message, ["ops-mail"])


# What others change in state.db, what tells of it on the screen, and the keys that lead to where that stands.
CHANGES: dict[str, list[tuple[str, Callable[[sqlite3.Connection], object], str]]] = {
    "_default": [
        ("", lambda c: MachineBook(c).add(make_machine(901, "aaa-new")), "Machines 25"),
        ("", lambda c: MachineBook(c).remove("aaa-new"), "Machines 24"),
    ],
    "overview": [("", lambda c: MachineBook(c).add(make_machine(902, "aaa-other")), "of 25")],
    "deployments": [("", lambda c: DeploymentBook(c).add(replace(CACHES, name="aaa-daily")), "aaa-daily")],
    "known": [
        ("", lambda c: MachineBook(c).add(make_machine(903, "aaa-known")), "aaa-known"),
        ("", lambda c: MachineBook(c).edit(make_machine(903, "aaa-renamed")), "aaa-renamed"),
    ],
    "groups": [("", lambda c: GroupBook(c).put(Group("aaa-group", ("web-*",))), "aaa-group")],
    "scope": [("", lambda c: ScopeBook(c).put(Scope(("aaa-group",))), "Scope 1 ─ 6 of")],
    "profiles": [("", lambda c: ProfileBook(c).put(Profile("aaa-id", "aaa-profile", user="deploy")), "aaa-profile")],
    "alerts": [
        ("", _open_alert, "aaa-found"),
        ("tab", lambda c: AlertBook(c).put(_rule("aaa-rule")), "aaa-rule"),
        ("", lambda c: AlertBook(c).remove("aaa-rule"), "Rules 2 of 3"),
    ],
    "audit": [("", lambda c: Audit(c, ANNA, clock=lambda: NOW).record("aaa.deed", "aaa", None, None), "aaa.deed")],
    "channels": [("", lambda c: ChannelBook(c).put(replace(MAIL, id=ID, name="aaa-channel")), "aaa-channel")],
    "messages": [("", _post, "aaa-told")],
    "approvals": [
        ("", lambda c: ApprovalBook(c).give(Approval("web", "ab" * 32, Person((4_002,), "ben"), NOW, "")), "ben")
    ],
    "reports": [
        (
            "tab",
            lambda c: ReportScheduleBook(c).add(
                ReportSchedule(ID, "aaa-report", ReportKind.COMPLIANCE, DAILY, channels=("ops-mail",))
            ),
            "aaa-report",
        )
    ],
}
# What changes elsewhere than in state.db: a test each below. An answer is of the moment at which it was asked for.
ELSEWHERE = {"missing", "runs", "settings"}
ASKED = {"query"}


@pytest.fixture
def shared_home(worked_home: WorkedHome) -> Home:
    make_told_home(worked_home.home)
    return worked_home.home


def test_every_view_is_looked_at() -> None:
    """One that is added later needs a line here, or it might show what was true when it was opened."""
    assert set(VIEWS) == {*CHANGES, *ELSEWHERE, *ASKED}


async def test_views_show_what_others_write_into_the_state(shared_home: Home, deck: Deck, until: Until) -> None:
    """Who came, went, or got another name; what was defined, decided, opened and told."""
    app = deck(shared_home)
    async with app.run_test(size=(140, 40)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        for view, changes in CHANGES.items():
            app.action_view(view)
            await wait(lambda: app.current_mode == view and "Reading" not in screen_text(app))  # noqa: B023
            for keys, change, shown in changes:
                await pilot.press(*keys.split())
                assert shown not in screen_text(app), view
                with closing(connect(shared_home.state_file)) as connection:
                    change(connection)
                await wait(lambda: shown in screen_text(app))  # noqa: B023


async def test_views_show_what_others_write_elsewhere(
    shared_home: Home, deck: Deck, until: Until, assessment: Make
) -> None:
    """An assessment that was stored, a run that began and what became of it, a setting."""
    with closing(connect(shared_home.state_file)) as connection:
        machines = MachineBook(connection).list_machines()
    store_batch(shared_home, "batch-1", [assessment(machines[0], 2)])
    app = deck(shared_home)
    async with app.run_test(size=(140, 40)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.action_view("missing")
        await wait(lambda: "openssl" in screen_text(app))
        found = assessment(machines[0], 2)
        updates = tuple(replace(each, name=f"aaa-{each.name}") for each in found.updates)
        store_batch(shared_home, "batch-2", [replace(found, updates=updates, ended_at=NOW)])
        await wait(lambda: "aaa-openssl" in screen_text(app))
        app.action_view("runs")
        await wait(lambda: "Runs 2" in screen_text(app))
        begun = make_run(shared_home, machines[:3], number=0xC3, opens_at=NOW)
        await wait(lambda: "Runs 3" in screen_text(app))
        begun.save_run(note="aaa-note")
        await wait(lambda: "aaa-note" in screen_text(app))
        app.action_view("settings")
        await wait(lambda: "assess.concurrency" in screen_text(app))
        set_setting(shared_home, "assess.concurrency", ["7"])
        await wait(lambda: "7 machines" in screen_text(app))
