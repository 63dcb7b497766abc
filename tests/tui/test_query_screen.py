"""Asking the tables from the app."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.confirm import Confirm
from tui.screens.machine import MachineScreen
from tui.screens.query import QueryScreen
from tui.widgets.error_lines import ErrorLines
from tui.widgets.prompt import Prompt
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]

# Runs until it is stopped, long after any test would have given up.
ENDLESS = "SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b"


def query_screen(app: PatchdeckApp) -> QueryScreen:
    assert isinstance(app.screen, QueryScreen)
    return app.screen


async def test_answer_is_shown_with_count_and_time(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """F5 asks what the editor holds; numbers stand to the right."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("3")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen))
        await pilot.press("f5")
        await until(pilot)(lambda: "Answer 3 rows" in text_of(app))
        cells = {row.cells[0] for row in app.screen.query_one(BigTable).contents.shown}
        assert cells == {"Critical Updates", "Security Updates", "Others"}


async def test_error_stands_under_the_editor_and_the_cursor_at_its_place(
    stored_home: Home, deck: Deck, until: UntilOf
) -> None:
    """A mistyped column is told in a line under the editor with the nearest name; the cursor goes there."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 40)) as pilot:
        app.show_query("SELECT Computer,\n  Clasification FROM Update")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen))
        await until(pilot)(lambda: "Clasification" in app.screen.query_one(ErrorLines).text)
        assert "'Classification'" in app.screen.query_one(ErrorLines).text
        assert query_screen(app).editor.cursor_location == (1, 2)
        await pilot.press("x")
        await until(pilot)(lambda: not app.screen.query_one(ErrorLines).text)


async def test_query_that_writes_is_refused(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """The app asks the same locked engine as the command line."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 40)) as pilot:
        app.show_query("DROP TABLE Update")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen))
        await until(pilot)(lambda: app.screen.query_one(ErrorLines).text)


async def test_escape_cancels_and_keeps_the_last_answer(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A running query is cancelled at once; the answer of before stays."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 40)) as pilot:
        app.show_query("SELECT 42 AS Before")
        await until(pilot)(lambda: "Answer 1 row" in text_of(app))
        app.show_query(ENDLESS)
        await until(pilot)(lambda: "esc cancels" in text_of(app))
        await pilot.press("escape")
        assert not query_screen(app).is_asking
        await until(pilot)(lambda: "Answer 1 row" in text_of(app))
        assert "42" in text_of(app)
        assert [said.text for said in app.said][-1] == "The query was cancelled."


async def test_row_of_an_answer_opens_its_machine(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Enter on a row with a column Computer opens that machine; escape comes back to the answer."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 40)) as pilot:
        app.show_query("SELECT Computer FROM Machine WHERE Computer = 'db-fra-01'")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and len(app.screen.query_one(BigTable).contents))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.crumb == "db-fra-01")
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen))


async def test_predefined_query_with_a_parameter_asks_for_it(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """F2 lists the predefined queries; one with parameters asks for them first, with their defaults."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "f2")
        await until(pilot)(lambda: "Ageing and exposure" in text_of(app))
        table = app.screen.query_one(BigTable)
        position = next(at for at, row in enumerate(table.contents.shown) if row.cells[2] == "security-missing-long")
        table.move_cursor(position)
        await pilot.press("enter")
        await until(pilot)(lambda: "$days" in text_of(app) and "30" in text_of(app))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and "$days = 30" in text_of(app))
        await until(pilot)(lambda: "Answer 0 rows" in text_of(app))


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
async def test_whole_answer_is_exported(
    stored_home: Home, deck: Deck, until: UntilOf, tmp_path: Path, suffix: str
) -> None:
    """ctrl+e asks for a file; its name says the format."""
    app = deck(stored_home)
    target = tmp_path / f"answer.{suffix}"
    async with app.run_test(size=(120, 40)) as pilot:
        app.show_query("SELECT 1 AS One, '=cmd' AS Formula")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and len(app.screen.query_one(BigTable).contents))
        await pilot.press("ctrl+e")
        prompt = app.screen.query_one(Prompt)
        prompt.open(prompt.kind, str(target))
        await pilot.press("enter")
        await until(pilot)(target.exists)
        await until(pilot)(lambda: any("1 rows" in said.text for said in app.said))
    if suffix == "json":
        assert json.loads(target.read_text()) == [{"One": 1, "Formula": "=cmd"}]
    if suffix == "csv":
        assert target.read_text() == "One,Formula\n1,'=cmd\n"


async def test_catalogue_puts_a_name_into_the_editor(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """F3 lists tables and columns with their meanings; enter inserts the name."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3", "f3")
        await until(pilot)(lambda: "Tables and columns" in text_of(app))
        await pilot.press("slash", *"heartbeat", "enter", "enter")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen))
        assert "Heartbeat" in query_screen(app).editor.text


async def test_row_limit_is_told(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """An answer that the row limit cut says so in its title."""
    stored_home.config_file.write_text("[query]\nrow_limit = 5\n")
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        app.show_query("SELECT * FROM range(50)")
        await until(pilot)(lambda: "the first 5 only: row limit" in text_of(app))


async def test_only_the_pane_in_use_has_the_accent(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """F6 goes between editor and answer, and the accent goes with it."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("3")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and query_screen(app).editor.has_focus)
        rules = [app.screen.query_one(name, TitleRule) for name in ("#query-title", "#title")]
        await until(pilot)(lambda: rules[0].rich_style.color != rules[1].rich_style.color)
        accent = rules[0].rich_style.color
        await pilot.press("f6")
        await until(pilot)(lambda: rules[1].rich_style.color == accent and rules[0].rich_style.color != accent)


async def test_long_query_leaves_room_for_its_answer(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """However long the text is, the answer and the keys stay on the screen; the editor scrolls."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_query("SELECT 42 AS Answer\n" + "-- a line of a comment\n" * 60)
        await until(pilot)(lambda: "Answer 1 row" in text_of(app))
        regions = {widget.region.bottom for widget in app.screen.query("QueryEditor, AnswerPane, KeyBar")}
        assert max(regions) <= 24
        assert query_screen(app).pane.region.height >= 10
        assert query_screen(app).pane.region.y == query_screen(app).editor.region.bottom


async def test_answer_to_a_ready_query_has_the_focus_and_the_room(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The text of a predefined query is seldom read: on a low screen it has no line, and the title says how it begins.

    Going to the editor gives it lines again.
    """
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show_query("-- a line of a comment\n" * 20 + "SELECT 42 AS Answer")
        await until(pilot)(lambda: "Answer 1 row" in text_of(app) and query_screen(app).pane.table.has_focus)
        await until(pilot)(lambda: query_screen(app).editor.size.height == 0)
        assert query_screen(app).pane.table.page_rows >= 19
        assert "─ SQL ─ -- a line of a comment" in text_of(app)
        await pilot.press("f6")
        await until(pilot)(lambda: query_screen(app).editor.region.height == 9)


async def test_escape_leads_out_of_the_editor(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """In the editor every letter is text, and the keys at the bottom say so; after escape they are keys again."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("3")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and query_screen(app).editor.has_focus)
        await until(pilot)(lambda: "esc leave editor" in text_of(app))
        assert "0-9 views" not in text_of(app)
        await pilot.press("escape")
        await until(pilot)(lambda: "0-9 views" in text_of(app))
        await pilot.press("escape", "1")
        await until(pilot)(lambda: not isinstance(app.screen, QueryScreen))


async def test_export_asks_before_it_takes_a_files_place(
    stored_home: Home, deck: Deck, until: UntilOf, tmp_path: Path
) -> None:
    """Escape leaves the file as it was; the key of the question replaces it; a folder is told in a line."""
    app = deck(stored_home)
    target = tmp_path / "answer.csv"
    target.write_text("kept")
    async with app.run_test(size=(120, 40)) as pilot:
        app.show_query("SELECT 1 AS One")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and len(app.screen.query_one(BigTable).contents))
        screen = query_screen(app)
        screen.deeds.export(str(target))
        await until(pilot)(lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await until(pilot)(lambda: app.screen is screen)
        assert target.read_text() == "kept"
        screen.deeds.export(str(target))
        await until(pilot)(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot)(lambda: target.read_text() == "One\n1\n")
        screen.deeds.export(str(tmp_path / "missing" / "answer.csv"))
        await until(pilot)(lambda: app.said[-1].is_error)


async def test_escape_stops_an_export(stored_home: Home, deck: Deck, until: UntilOf, tmp_path: Path) -> None:
    """Of a file that was being written nothing stays."""
    app = deck(stored_home)
    folder = tmp_path / "exports"
    folder.mkdir()
    async with app.run_test(size=(120, 40)) as pilot:
        app.show_query("SELECT * FROM range(1000) a, range(100000000) b")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and len(app.screen.query_one(BigTable).contents))
        screen = query_screen(app)
        await until(pilot)(lambda: screen.pane.answer is not None and len(screen.pane.answer) and not screen.is_asking)
        screen.deeds.export(str(folder / "answer.csv"))
        await until(pilot)(lambda: any(folder.iterdir()))
        await pilot.press("escape")
        await until(pilot)(lambda: app.said[-1].text == "The query was cancelled.")
        await until(pilot)(lambda: not any(folder.iterdir()))
