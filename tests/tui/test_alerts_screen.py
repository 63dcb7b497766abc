"""Alerts in the app: what is open, taken upon oneself, rules on and off, new ones, and what they would have said."""

from collections.abc import Awaitable, Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.alerts.severity import Severity
from ops.alerts.book import find_rule, list_open, list_rules
from ops.home import Home
from tests.tui.made_tellings import make_told_home
from tests.tui.pasting import paste
from tui import alert_deeds
from tui.app import PatchdeckApp
from tui.screens.alert_history import AlertHistoryScreen
from tui.screens.alert_rule_form import AlertRuleForm
from tui.screens.alerts import AlertsScreen
from tui.screens.back_test import BackTestScreen
from tui.screens.form import Form
from tui.screens.full_text import FullText
from tui.screens.machine import MachineScreen
from tui.screens.note_form import NoteForm
from tui.screens.picker import Picker
from tui.widgets.context_bar import ContextBar
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def told_home(fleet_home: Home) -> Home:
    make_told_home(fleet_home)
    return fleet_home


async def test_open_alerts_stand_with_the_gravest_first(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """Severity is a word; the header counts them on every screen; what was found stands below in full."""
    app = deck(told_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: "3 alerts" in app.screen.query_one(ContextBar).text)
        await pilot.press("0")
        await until(pilot)(lambda: row_names(app) == ["web", "web-fra-01", "db-ams-02"])
        assert "Critical" in text_of(app)
        assert "1 Critical" in text_of(app)
        await pilot.press("down")
        await until(pilot)(lambda: "missing for 41 days" in app.screen.query_one(Detail).text)
        await pilot.press("M")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        await pilot.press("escape", "enter")
        await until(pilot)(lambda: isinstance(app.screen, AlertHistoryScreen) and "Opened" in text_of(app))


async def test_marked_alerts_are_acknowledged_with_a_note(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note is kept with who wrote it, and stands in the list and in the history; that many take time is told."""
    monkeypatch.setattr(alert_deeds, "_MOST_QUICK", 1)
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("0")
        await until(pilot)(lambda: len(row_names(app)) == 3)
        await pilot.press("down", "space", "space", "a")
        await until(pilot)(lambda: isinstance(app.screen, NoteForm) and "Acknowledge 2 alerts" in text_of(app))
        await paste(pilot, "on it")
        await pilot.press("enter")
        await until(pilot)(lambda: text_of(app).count("taken by") == 2)
        await until(pilot)(lambda: "2 alerts acknowledged." in [each.text for each in app.said])
        assert "2 alerts are being acknowledged …" in [each.text for each in app.said]
        await pilot.press("tab", "tab")
        await until(pilot)(lambda: text_of(app).count("Acknowledged") == 2 and "on it" in text_of(app))
    taken = [each.record.acknowledgement for each in list_open(told_home)]
    assert sorted(each.note if each else "" for each in taken) == ["", "on it", "on it"]


async def test_rule_is_switched_off_and_its_alerts_end(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """The same key turns it on again; what a viewer sees is that it is off, in a word."""
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("0")
        await until(pilot)(lambda: len(row_names(app)) == 3)
        await pilot.press("tab")
        await until(pilot)(lambda: row_names(app) == ["lists-stale", "run-failed", "security-overdue"])
        await pilot.press("down", "down", "o")
        await until(pilot)(lambda: "Rules 1 of 3 on" in text_of(app))
        await until(pilot)(lambda: "1 alert " in text_of(app))
    assert not find_rule(told_home, "security-overdue").is_enabled


async def test_starter_rule_is_added_by_keys(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """An empty home says what to do; the set lists at least ten; what is chosen can be changed before it is kept."""
    app = deck(fleet_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await until(pilot)(lambda: "There is no rule of alerts yet" in text_of(app))
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, Picker))
        names = row_names(app)
        assert len(names) >= 13
        app.screen.query_one(BigTable).move_cursor(names.index("disk-low"))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, AlertRuleForm))
        await pilot.press("tab", "ctrl+u")
        await paste(pilot, "Error")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, AlertsScreen))
        await pilot.press("tab")
        await until(pilot)(lambda: row_names(app) == ["disk-low"])
    (rule,) = list_rules(fleet_home)
    assert (rule.severity, rule.is_enabled, rule.starter) == (Severity.ERROR, True, "disk-low")


async def test_refused_rule_says_why_and_loses_nothing(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A limit, a query and a channel that are none are told in the form, which keeps what was typed."""
    app = deck(fleet_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("0")
        await until(pilot)(lambda: "There is no rule of alerts yet" in text_of(app))
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, Picker))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, AlertRuleForm))
        await paste(pilot, "mine")
        await pilot.press("tab", "tab")
        await paste(pilot, "silent-machine")
        await pilot.press("enter")
        await until(pilot)(lambda: "Did you mean 'silent-machines'?" in told_in(app))
        assert "silent-machine" in text_of(app)
    assert not list_rules(fleet_home)


async def test_preview_and_back_test_say_what_a_rule_finds(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Neither keeps or tells anything; a back-test names how often it would have fired."""
    make_told_home(stored_home)
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("0")
        await until(pilot)(lambda: "Critical" in text_of(app))
        await pilot.press("tab", "down")
        await until(pilot)(lambda: "run-failed" in app.screen.query_one(Detail).text)
        await pilot.press("p")
        await until(pilot)(
            lambda: isinstance(app.screen, FullText) and "It would alert of 0 things now." in text_of(app)
        )
        await pilot.press("escape", "b")
        await until(pilot)(lambda: isinstance(app.screen, Form) and "2026-08-24" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, BackTestScreen) and "would have fired never" in text_of(app))
        assert "It would not have fired in that time." in text_of(app)
    assert len(list_open(stored_home)) == 3


def told_in(app: App[int]) -> str:
    return app.screen.query_one(".hint", Detail).text
