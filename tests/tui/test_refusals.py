"""What cannot be done is told, and what was typed for it is kept."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from ops.home import Home
from ops.state.database import connect
from ops.state.machines import MachineBook
from tui.app import PatchdeckApp
from tui.screens.machine import MachineScreen
from tui.screens.machine_form import MachineForm
from tui.screens.query import QueryScreen
from tui.widgets.prompt import Prompt
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


@pytest.mark.parametrize("key", ["r", "K"])
async def test_page_of_a_removed_machine_says_why_a_key_does_nothing(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, key: str
) -> None:
    """A machine that another shell removes while its page is open: no old count stays, and keys tell why."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.open_named("db-fra-01")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and "[Updates …]" not in text_of(app))
        connection = connect(stored_home.state_file)
        MachineBook(connection).remove("db-fra-01")
        connection.close()
        app.reload()
        await until(pilot)(lambda: "This machine is not enrolled any more." in text_of(app))
        assert "[Updates 0]" in app.screen.query_one(TabLine).text
        await pilot.press(key)
        assert [said.text for said in app.said][-1] == "This machine is not enrolled any more."


async def test_refused_machine_comes_back_to_its_form(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A name that another machine has is told in the form, and every field is as it was typed."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("a", *"web-fra-01", "tab", *"192.0.2.99", "tab", *"me", "tab", *"2222", "enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineForm) and "already" in text_of(app))
        assert "ctrl+k trust" in text_of(app)  # the last key of the line is told whole
        texts = [field.value for field in app.screen.query(Input)]
        assert texts == [
            *("web-fra-01", "192.0.2.99", "me", "2222"),
            *("ssh", "https", "", "", ""),
            *("", "", "", "", "none", ""),
        ]


async def test_export_without_a_known_ending_names_the_endings(
    stored_home: Home, deck: Deck, until: UntilOf, tmp_path: Path
) -> None:
    """The app has no option that could be given: the line names the endings that say a format."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_query("SELECT 1 AS One")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and len(app.screen.query_one(BigTable).contents))
        await pilot.press("ctrl+e")
        prompt = app.screen.query_one(Prompt)
        prompt.open(prompt.kind, str(tmp_path / "answer.xyz"))
        await pilot.press("enter")
        await until(pilot)(lambda: app.said)
        assert app.said[-1].text.endswith(
            "which format is meant: end it with .csv .json .ndjson .md .xlsx .parquet .arrow."
        )


async def test_long_filter_is_cut_and_not_left_out(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A text pasted into the filter stays recognisable in the title: it explains why there are no rows."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.screen.query_one(BigTable).set_filter("pasted" + "x" * 500)
        await until(pilot)(lambda: "filter: pastedx" in text_of(app))
        assert "Nothing fits the filter pastedx" in text_of(app)
