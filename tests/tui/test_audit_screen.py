"""The audit in the app: who did what, what that changed, found in all of it, and verified."""

from collections.abc import Awaitable, Callable
from contextlib import closing

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import TextArea

from ops.home import Home
from ops.state.audit import Audit
from ops.state.database import connect
from tests.tui.made_tellings import ANNA, NOW, make_told_home
from tests.tui.pasting import paste
from tui.app import PatchdeckApp
from tui.screens import audit
from tui.screens.audit import AuditScreen
from tui.screens.audit_entry import AuditEntryScreen
from tui.screens.find_entries import FindEntries
from tui.screens.full_text import FullText
from tui.screens.machine import MachineScreen
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.fixture
def told_home(fleet_home: Home) -> Home:
    make_told_home(fleet_home)
    return fleet_home


async def test_newest_deed_stands_first_with_what_it_changed(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Who, when and from where stand in the entry; each value of before and after stands side by side."""
    app = deck(told_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("W")
        await until(pilot)(lambda: "address: 192.0.2.4 → 192.0.2.44" in app.screen.query_one(Detail).text)
        assert "root (anna)" in text_of(app)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, AuditEntryScreen))
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 2)
        cells = [row.cells for row in app.screen.query_one(BigTable).contents.rows]
        assert cells == [("address", "192.0.2.4", "192.0.2.44"), ("tags.ring", "– (there was none)", "2")]
        told = app.screen.query_one("#entry", Detail).text
        assert "192.0.2.7 50122 22, pts/3, process 4711 on jump-01, user 0, login 1001" in told
        assert "patchdeck machines edit web-01 --address 192.0.2.44" in told
        await pilot.press("v")
        await until(pilot)(lambda: isinstance(app.screen, FullText) and '"ring": "2"' in text_of(app))


async def test_entries_are_found_in_all_of_the_audit(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond what is read at once; the title says by what, esc takes it back, and an unknown machine is told."""
    monkeypatch.setattr(audit, "PAGE", 5)
    with closing(connect(told_home.state_file)) as connection:
        book = Audit(connection, ANNA, clock=lambda: NOW)
        for number in range(12):
            book.record("test.note", f"thing-{number}")
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("W")
        await until(pilot)(lambda: "newest 5 only" in text_of(app))
        await pilot.press("o")
        await until(pilot)(lambda: "newest 10 only" in text_of(app))
        await pilot.press("f")
        await until(pilot)(lambda: isinstance(app.screen, FindEntries))
        await pilot.press("tab")
        await paste(pilot, "machine.edit")
        await pilot.press("enter")
        await until(pilot)(lambda: "found by deed machine.edit" in text_of(app) and "Audit 1" in text_of(app))
        await pilot.press("escape")
        await until(pilot)(lambda: "newest 5 only" in text_of(app))
        await pilot.press("f")
        await until(pilot)(lambda: isinstance(app.screen, FindEntries))
        await pilot.press("tab", "tab", "tab")
        await paste(pilot, "web-nowhere")
        await pilot.press("enter")
        await until(pilot)(lambda: app.said and "There is no machine 'web-nowhere'" in app.said[-1].text)


async def test_verifying_says_whether_the_chain_is_whole(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """In the title, in a word; what was changed past Patchdeck is named, entry and all."""
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("W")
        await until(pilot)(lambda: isinstance(app.screen, AuditScreen) and "machine.edit" in text_of(app))
        await pilot.press("v")
        await until(pilot)(lambda: "verified: whole to entry" in text_of(app))
        with closing(connect(told_home.state_file)) as connection:
            connection.execute("DROP TRIGGER audit_stays")
            connection.execute("UPDATE audit SET user = 'nobody' WHERE id = 2")
        await pilot.press("v")
        await until(pilot)(lambda: isinstance(app.screen, FullText) and "The audit is not as it was" in text_of(app))
        shown = " ".join(app.screen.query_one(TextArea).text.split())
        assert "unguarded" in shown, shown
        assert "entry 2" in shown, shown
        await pilot.press("escape")
        await until(pilot)(lambda: "NOT whole" in text_of(app))


async def test_empty_home_says_what_the_audit_is(empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Nobody has done anything in it yet."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.is_empty)
        await pilot.press("W")
        await until(pilot)(lambda: "Nothing was done in this home yet" in text_of(app))


async def test_page_of_a_machine_leads_to_the_deeds_on_it(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """By its id: what was done to another one is not among them, and esc goes back."""
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
        await pilot.press("W")
        await until(pilot)(lambda: isinstance(app.screen, AuditScreen) and "› Deeds" in text_of(app))
        await until(pilot)(
            lambda: [row.cells[2] for row in app.screen.query_one(BigTable).contents.rows] == ["machine.add"]
        )
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
