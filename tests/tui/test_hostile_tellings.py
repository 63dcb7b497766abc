"""What machines, receivers and whoever wrote into the audit say steers no screen of alerts, messages and the audit."""

import json
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.alerts.records import Acknowledgement, AlertState
from fleet.alerts.rule import QueryMeasure
from fleet.alerts.severity import Severity
from fleet.approvals import Approval
from fleet.deployments.schedule import Schedule
from fleet.persons import Person
from fleet.reports.kinds import ReportKind
from fleet.reports.schedule import ReportSchedule
from ops.home import Home
from ops.state.alerts import AlertBook
from ops.state.approvals import ApprovalBook
from ops.state.audit import Audit
from ops.state.channels import ChannelBook
from ops.state.database import connect
from ops.state.report_schedules import ReportScheduleBook
from tests.tui.made_tellings import ANNA, MAIL, NOW, OVERDUE, Texts, make_open, make_told_home
from tests.tui.test_hostile_runs import HOSTILE, STEERING
from tui.app import PatchdeckApp
from tui.screens.alert_rule_form import AlertRuleForm
from tui.screens.audit_entry import AuditEntryScreen
from tui.screens.channel_form import ChannelForm
from tui.screens.full_text import FullText
from tui.screens.name_form import NameForm
from tui.screens.reading_screen import ReadingScreen
from tui.screens.report_schedule_form import ReportScheduleForm
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
HOSTILE_ID = "50000000-0000-4000-8000-000000000001"
TEXTS = Texts(HOSTILE, HOSTILE, HOSTILE, HOSTILE)


@pytest.fixture
def hostile_home(fleet_home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Hostile text wherever somebody may put some."""
    make_told_home(fleet_home, TEXTS)
    for check in ("alerts.check_rule", "channels.check_channel", "report_schedules.check_report_schedule"):
        monkeypatch.setattr(f"ops.state.{check}", lambda _: None)
    with closing(connect(fleet_home.state_file)) as connection:
        spoil_names(connection)
        book = AlertBook(connection)
        record, event = make_open(OVERDUE, HOSTILE, 9, TEXTS)
        taken = replace(record, acknowledgement=Acknowledgement(HOSTILE, NOW, HOSTILE, 1.0))
        book.keep_records(OVERDUE.id, [taken], [])
        book.add_events(
            [replace(event, state=AlertState.ACKNOWLEDGED, caller=HOSTILE, note=HOSTILE, rule_name=HOSTILE)]
        )
        ApprovalBook(connection).give(Approval(HOSTILE, "ab" * 32, Person((7,), HOSTILE), NOW, HOSTILE))
        actor = replace(ANNA, user=HOSTILE, ssh_client=HOSTILE, command=HOSTILE)
        document = json.dumps({HOSTILE: HOSTILE, "list": [HOSTILE, {"name": HOSTILE}], "text": f"a\n{HOSTILE}\nb"})
        Audit(connection, actor, clock=lambda: NOW).record(HOSTILE, HOSTILE, document, None)
    return fleet_home


def spoil_names(connection: sqlite3.Connection) -> None:
    """A rule, a channel and a scheduled report as nobody can define them: they came past Patchdeck."""
    measure = QueryMeasure(HOSTILE, ((HOSTILE, HOSTILE),), column=HOSTILE)
    rule = replace(OVERDUE, id=HOSTILE_ID, name=HOSTILE, description=HOSTILE, measure=measure, channels=(HOSTILE,))
    AlertBook(connection).put(replace(rule, split_by=(HOSTILE,), severity=Severity.CRITICAL))
    record, event = make_open(rule, HOSTILE, 10, TEXTS)
    AlertBook(connection).keep_records(rule.id, [record], [])
    AlertBook(connection).add_events([event])
    ChannelBook(connection).put(
        replace(MAIL, id=HOSTILE_ID, name=HOSTILE, address=HOSTILE, command=(HOSTILE,), title=HOSTILE, text=HOSTILE)
    )
    when = Schedule(NOW.replace(tzinfo=None), "UTC")
    texts = (HOSTILE,)
    report = ReportSchedule(
        HOSTILE_ID, HOSTILE, ReportKind.COMPLIANCE, when, targets=texts, channels=texts, folder=HOSTILE
    )
    book = ReportScheduleBook(connection)
    assert book.note_made(book.add(report), NOW, NOW, HOSTILE)


async def test_no_screen_of_tellings_obeys_what_stands_in_them(
    hostile_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Every tab and page shows control characters and markup as harmless text, and none of them crashes it."""
    app = deck(hostile_home)

    def harmless() -> None:
        assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]

    async def look(name: str, *keys: str, title: str) -> None:
        app.run_command(name)
        await until(pilot)(lambda: isinstance(app.screen, ReadingScreen) and app.screen.crumb == title)
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents))
        for key in keys:
            await pilot.press(key)
            harmless()

    async def sees(kind: type) -> None:
        await until(pilot)(lambda: isinstance(app.screen, kind))
        harmless()

    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await look("alerts", "enter", "escape", "tab", title="Alerts")
        table = app.screen.query_one(BigTable)
        assert table.contents.rows[0].key == HOSTILE_ID
        for key, kind in (("e", AlertRuleForm), ("D", NameForm)):
            await pilot.press("g", key)
            await sees(kind)
            await pilot.press("escape")
        await pilot.press("tab", "enter", "escape")
        await look("messages", "enter", "escape", title="Messages")
        await look("channels", title="Channels")
        await pilot.press("g", "e")
        await sees(ChannelForm)
        await pilot.press("escape")
        await look("reports", "tab", title="Reports")
        await pilot.press("e")
        await sees(ReportScheduleForm)
        await pilot.press("escape")
        await look("approvals", title="Approvals")
        await look("audit", "enter", title="Audit")
        await until(pilot)(lambda: isinstance(app.screen, AuditEntryScreen) and len(app.screen.table.contents) > 2)
        harmless()
        await pilot.press("G", "enter")
        await sees(FullText)
        await pilot.press("escape", "v")
        await sees(FullText)
        assert app.is_running
