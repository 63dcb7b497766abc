"""What machines, receivers and whoever wrote into the audit say steers no screen of alerts, messages and the audit."""

import json
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.alerts.records import Acknowledgement, AlertState
from fleet.approvals import Approval
from fleet.persons import Person
from ops.home import Home
from ops.state.alerts import AlertBook
from ops.state.approvals import ApprovalBook
from ops.state.audit import Audit
from ops.state.database import connect
from tests.tui.made_tellings import ANNA, NOW, OVERDUE, Texts, make_open, make_told_home
from tests.tui.test_hostile_runs import HOSTILE, STEERING
from tui.app import PatchdeckApp
from tui.screens.audit_entry import AuditEntryScreen
from tui.screens.full_text import FullText
from tui.screens.reading_screen import ReadingScreen
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
TEXTS = Texts(HOSTILE, HOSTILE, HOSTILE, HOSTILE)


@pytest.fixture
def hostile_home(fleet_home: Home) -> Home:
    """Hostile text wherever somebody may put some."""
    make_told_home(fleet_home, TEXTS)
    with closing(connect(fleet_home.state_file)) as connection:
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


async def test_no_screen_of_tellings_obeys_what_stands_in_them(
    hostile_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Every tab and page shows control characters and markup as harmless text, and none of them crashes it."""
    app = deck(hostile_home)

    def harmless() -> None:
        assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]

    async def look(name: str, *keys: str) -> None:
        app.run_command(name)
        await until(pilot)(lambda: isinstance(app.screen, ReadingScreen) and len(app.screen.table.contents))
        for key in ("g", "down", *keys):
            await pilot.press(key)
            await pilot.pause(0.05)
            harmless()

    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await look("alerts", "enter", "escape", "tab", "down", "tab", "enter", "down", "escape")
        await look("messages", "enter", "escape", "up", "enter", "escape")
        await look("channels", "enter", "escape")
        await look("approvals")
        await look("audit", "f", "escape", "g", "enter")
        await until(pilot)(lambda: isinstance(app.screen, AuditEntryScreen) and len(app.screen.table.contents) > 2)
        harmless()
        await pilot.press("G", "enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText))
        harmless()
        await pilot.press("escape", "v")
        await until(pilot)(lambda: isinstance(app.screen, FullText))
        harmless()
        assert app.is_running
        assert len(app.screen_stack[-2].query_one(BigTable).contents) > 2
