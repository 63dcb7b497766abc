"""Reports in the app: made, read, written, and scheduled."""

from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import TextArea

from fleet.reports.kinds import ReportKind
from ops.home import Home
from ops.reports.schedules import list_report_schedules
from ops.state.channels import ChannelBook
from ops.state.database import connect
from tests.tui.made_tellings import MAIL
from tests.tui.pasting import paste
from tui.app import PatchdeckApp
from tui.screens.file_form import FileForm
from tui.screens.full_text import FullText
from tui.screens.report import ReportScreen
from tui.screens.report_form import ReportForm
from tui.screens.report_schedule_form import ReportScheduleForm
from tui.screens.reports import ReportsScreen
from tui.widgets.detail import Detail

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def test_report_is_made_read_and_written(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures stand with the command that gives them again; the name of the file says the format."""
    monkeypatch.chdir(tmp_path)
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("reports")
        await until(pilot)(lambda: isinstance(app.screen, ReportsScreen) and "Compliance" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, ReportForm))
        await paste(pilot, "web-nothing")
        await pilot.press("enter")
        await until(pilot)(lambda: "web-nothing" in app.screen.query_one(".hint", Detail).text)
        await pilot.press("ctrl+u")
        await paste(pilot, "web-*")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, ReportScreen))
        await until(pilot)(lambda: "web-*" in app.screen.query_one("#summary", Detail).text)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText))
        assert "The same figures: patchdeck query" in app.screen.query_one(TextArea).text
        await pilot.press("escape", "w")
        await until(pilot)(lambda: isinstance(app.screen, FileForm))
        await pilot.press("enter")
        await until(pilot)(lambda: app.said[-1].text == "compliance.html written.")
    assert (tmp_path / "compliance.html").read_text().startswith("<!DOCTYPE html>")


async def test_report_is_scheduled_switched_and_removed(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """What cannot be kept is told in the form; the list says when it is made next and who gets it."""
    with closing(connect(fleet_home.state_file)) as connection:
        ChannelBook(connection).put(MAIL)
    app = deck(fleet_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("reports")
        await until(pilot)(lambda: isinstance(app.screen, ReportsScreen) and "Scheduled 0" in text_of(app))
        await pilot.press("tab")
        await until(pilot)(lambda: "No report is scheduled yet." in text_of(app))
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, ReportScheduleForm))
        for text, keys in (("monthly", 1), ("exceptions", 1), ("2026-12-01 06:00", 2), ("monthly", 0)):
            await paste(pilot, text)
            await pilot.press(*["tab"] * keys)
        await pilot.press("enter")
        await until(pilot)(lambda: "name a channel or a folder" in app.screen.query_one(".hint", Detail).text)
        await pilot.press("tab", "tab")
        await paste(pilot, "ops-mail")
        await pilot.press("enter")
        await until(pilot)(lambda: row_names(app) == ["monthly"] and "2026-12-01 06:00Z" in text_of(app))
        await pilot.press("o")
        await until(pilot)(lambda: app.said[-1].text == "monthly is off: it is not made.")
        (stored,) = list_report_schedules(fleet_home)
        assert (stored.schedule.kind, stored.schedule.is_enabled) == (ReportKind.EXCEPTIONS, False)
        await pilot.press("D")
        await paste(pilot, "monthly")
        await pilot.press("enter")
        await until(pilot)(lambda: "No report is scheduled yet." in text_of(app))
    assert not list_report_schedules(fleet_home)
