"""A machine's history and its own words: events of every kind in order, logs read page by page, nothing interpreted."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from ops.machine_logs import PAGE_BYTES
from ops.state.audit import Audit, current_actor
from ops.state.database import opened
from ops.state.machines import MachineBook
from tui.app import PatchdeckApp
from tui.screens.machine import MachineScreen
from tui.screens.machine_log import MachineLogScreen
from tui.widgets.detail import Detail
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


async def test_logs_are_read_from_their_end_and_page_by_page(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names, text_of: TextOf
) -> None:
    """An answer that was not understood is there as it came, without what steers a terminal; p reads what is before."""
    folder = stored_home.runs_dir / "20261120T120000Z-5f3a9c"
    folder.mkdir(parents=True)
    words = b"".join(b"line %06d [@click=app.boom]x[/]\n" % number for number in range(12_000))
    (folder / "mail-ams-01.out").write_bytes(words + b"\x1b]0;owned\x07the end\n")
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("mail-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.is_up)
        await pilot.press("L")
        await until(pilot)(lambda: "[Logs]" in app.screen.query_one(TabLine).text and row_names(app))
        assert "an answer that was not understood" in text_of(app)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineLogScreen) and row_names(app))
        table = app.screen.query_one(BigTable)
        assert "the end" in table.contents[table.cursor].cells[0]
        assert "\x1b" not in table.contents[table.cursor].cells[0]
        shown = len(table.contents)
        assert shown < 12_001 and len(words) > PAGE_BYTES
        await pilot.press("p")
        await until(pilot)(lambda: len(table.contents) == 12_001)
        assert "the end" in table.contents[table.cursor].cells[0]
        assert table.contents[0].cells[0] == "line 000000 [@click=app.boom]x[/]"
        await pilot.press("p")
        await until(pilot)(lambda: any("beginning of the log" in said.text for said in app.said))
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))


async def test_machine_without_logs_says_what_that_means(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Never an empty page."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("mail-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.is_up)
        await pilot.press("L")
        await until(pilot)(lambda: "No raw output of it is kept" in text_of(app))


async def test_history_tells_who_changed_the_machine(
    stored_home: Home, deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Edits stand among assessments and updates, in the order of time, with who made them."""
    with opened(stored_home.state_file) as connection:
        MachineBook(connection, Audit(connection, current_actor())).set_enabled("mail-ams-01", enabled=False)
    app = deck(stored_home)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("mail-ams-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.is_up)
        await pilot.press("shift+tab", "shift+tab")
        await until(pilot)(lambda: "[History]" in app.screen.query_one(TabLine).text and len(row_names(app)) > 1)
        table = app.screen.query_one(BigTable)
        events = [row.cells[1] for row in table.contents.shown]
        assert events[0] == "machine.disable"
        assert {"needed", "succeeded"} & {*events}
        assert table.contents[0].cells[3] == current_actor().user
        assert "enabled" in app.screen.query_one(Detail).text
        await pilot.press("enter")
        await until(pilot)(lambda: any("part of no run" in said.text for said in app.said))
