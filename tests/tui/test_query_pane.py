"""Writing queries in the app: completion, languages, errors at their place, statements, history, saved queries."""

import contextlib
from collections.abc import Awaitable, Callable

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from query.language import QueryLanguage
from tui.app import PatchdeckApp
from tui.screens.query import QueryScreen
from tui.widgets.completion_list import CompletionList
from tui.widgets.error_lines import ErrorLines
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


def screen_of(app: PatchdeckApp) -> QueryScreen:
    assert isinstance(app.screen, QueryScreen)
    return app.screen


async def open_empty(app: PatchdeckApp, pilot: Pilot[int], until: UntilOf, language: QueryLanguage) -> QueryScreen:
    await pilot.press("3")
    await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and screen_of(app).editor.has_focus)
    screen_of(app).put("", language)
    return screen_of(app)


@pytest.mark.parametrize("key", ["tab", "enter"])
async def test_name_is_offered_while_it_is_typed_and_taken(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, key: str
) -> None:
    """Two letters of a table open the list; tab and enter take what is chosen."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        await pilot.press(*"SELECT * FROM Hea")
        await until(pilot)(lambda: screen.query_one(CompletionList).is_open)
        assert "Heartbeat" in text_of(app)
        await pilot.press(key)
        assert screen.editor.text == "SELECT * FROM Heartbeat"
        assert not screen.query_one(CompletionList).is_open


async def test_list_never_keeps_a_key_from_the_text(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Escape closes only the list; enter behind a whole word is a new line; letters go on being letters."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        await pilot.press(*"FROM Update")
        await until(pilot)(lambda: screen.query_one(CompletionList).is_open)
        await pilot.press("enter")
        assert screen.editor.text == "FROM Update\n"
        await pilot.press(*"WHERE Clas")
        await until(pilot)(lambda: screen.query_one(CompletionList).is_open)
        await pilot.press("escape", *"x")
        assert screen.editor.text == "FROM Update\nWHERE Clasx"
        assert screen.editor.has_focus


async def test_values_of_the_store_are_offered(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Behind the quote of a comparison the names of machines are looked up and offered."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        await pilot.press(*"FROM Machine WHERE Computer = '")
        offered = screen.query_one(CompletionList)
        await until(pilot)(lambda: "'cache-ams-01'" in [each.text for each in offered.candidates])


async def test_kql_is_asked_and_shown_as_sql(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """F4 changes the language, which the title shows; F9 shows the SQL behind it."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        await pilot.press("f4")
        screen.editor.text = "Update | where UpdateState == 'Needed' | summarize Total=count()"
        await until(pilot)(lambda: "─ KQL ─" in text_of(app))
        await pilot.press("f5")
        await until(pilot)(lambda: "Answer 1 row" in text_of(app) and "Total" in text_of(app))
        await pilot.press("f9")
        await until(pilot)(lambda: "SQL of DuckDB" in text_of(app) and "WITH" in text_of(app))
        await pilot.press("escape")
        assert isinstance(app.screen, QueryScreen)


def is_answered(screen: QueryScreen, text: str) -> bool:
    """Whether the answer is whole, and shown so: while it comes, its title tells the time, too, and how to stop it."""
    title = text.partition("Answer")[2].partition("\n")[0]
    return not screen.is_asking and " ms " in title and " esc " not in title


def rows_of_answer(text: str) -> list[list[str]]:
    """The words of each line below the title, which is as long as the time that the query took."""
    return [line.split() for line in text.partition("Answer")[2].splitlines()[1:]]


async def test_example_is_there_in_both_languages(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """F4 puts the same example in the other language while nobody has written anything, and it is answered alike."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.put_first_text(QueryLanguage.SQL)
        await pilot.press("f5")
        await until(pilot)(lambda: screen.asked is not None and is_answered(screen, text_of(app)))
        answered, asked_before = rows_of_answer(text_of(app)), screen.asked
        await pilot.press("f4", "f5")
        await until(pilot)(lambda: screen.asked is not asked_before and is_answered(screen, text_of(app)))
        assert screen.editor.text.startswith("Update\n| where")
        assert rows_of_answer(text_of(app)) == answered
        await pilot.press("f4")
        assert screen.editor.text.startswith("SELECT")


async def test_kql_that_is_refused_says_where(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """The message, the line and a caret below the place; ctrl+g comes back to it."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.KQL)
        screen.editor.text = "Update\n| where Clasification == 'Others'"
        await pilot.press("f5")
        await until(pilot)(lambda: "Clasification" in screen.query_one(ErrorLines).text)
        assert "Classification" in screen.query_one(ErrorLines).text
        assert screen.editor.cursor_location == (1, 8)
        await until(pilot)(lambda: "         ^" in text_of(app))
        await pilot.press("up", "ctrl+g")
        assert screen.editor.cursor_location == (1, 8)


async def test_pasted_kql_is_offered_and_never_guessed(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A refused text that can only be KQL stays SQL until the key is pressed."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.editor.text = "Machine | project Computer | take 2"
        await pilot.press("f5")
        await until(pilot)(lambda: "This reads like KQL" in text_of(app))
        assert screen.language is QueryLanguage.SQL
        await pilot.press("f4", "f5")
        await until(pilot)(lambda: "Answer 2 rows" in text_of(app))


async def test_statement_at_the_cursor_and_selection_are_asked(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Of two statements ctrl+t asks the one with the cursor, f5 the selected part."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.editor.text = "SELECT 11 AS First;\nSELECT 22 AS Second"
        screen.editor.move_cursor((1, 3))
        await pilot.press("ctrl+t")
        await until(pilot)(lambda: "22" in [row.cells[0] for row in screen.pane.table.contents.shown])
        screen.editor.move_cursor((0, 0))
        screen.editor.move_cursor((0, 18), select=True)
        await pilot.press("f5")
        await until(pilot)(lambda: "11" in [row.cells[0] for row in screen.pane.table.contents.shown])


async def test_error_of_the_second_statement_is_shown_in_it(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Places are of the whole text, whatever part of it was asked."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.editor.text = "SELECT 1;\nSELECT Nothing FROM Update"
        screen.editor.move_cursor((1, 3))
        await pilot.press("ctrl+t")
        await until(pilot)(lambda: "Nothing" in screen.query_one(ErrorLines).text)
        assert screen.editor.cursor_location == (1, 7)


async def test_asked_queries_come_back(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """F8 lists what was asked, the newest first, in another app too."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        app.show_query("SELECT 4711 AS Asked")
        await until(pilot)(lambda: "Answer 1 row" in text_of(app))
        await until(pilot)(lambda: any(stored_home.asked_dir.glob("*.ndjson")))
    again = deck(stored_home)
    async with again.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(again, pilot, until, QueryLanguage.KQL)
        await pilot.press("f8")
        await until(pilot)(lambda: "SELECT 4711" in text_of(again))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(again.screen, QueryScreen))
        assert screen.editor.text == "SELECT 4711 AS Asked"
        assert screen.language is QueryLanguage.SQL


async def test_query_is_saved_renamed_and_removed(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """ctrl+s keeps the text as a file; r and x in the list of queries rename and remove it."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.KQL)
        screen.editor.text = "Machine | project Computer"
        await pilot.press("ctrl+s")
        await until(pilot)(lambda: "Save the query" in text_of(app))
        await pilot.press(*"mine", "enter")
        await until(pilot)((stored_home.queries_dir / "mine.kql").exists)
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and "─ mine ─" in text_of(app))
        await pilot.press("escape", "f2")
        await until(pilot)(lambda: "Ageing and exposure" in text_of(app))
        await pilot.press("slash", *"mine", "enter", "r")
        await until(pilot)(lambda: "Rename the query" in text_of(app))
        await pilot.press("end", *"2", "enter")
        await until(pilot)((stored_home.queries_dir / "mine2.kql").exists)
        await until(pilot)(lambda: [row.cells[2] for row in app.screen.query_one(BigTable).contents.shown] == ["mine2"])
        await pilot.press("x")
        await until(pilot)(lambda: "Remove the query mine2?" in text_of(app))
        await pilot.press("y")
        await until(pilot)(lambda: not (stored_home.queries_dir / "mine2.kql").exists())


async def test_free_parameter_is_asked_for(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """A $name that has no value opens a form; p asks again with another value."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.editor.text = "SELECT $number + 1 AS Next"
        await pilot.press("f5")
        await until(pilot)(lambda: "$number: a text, or a whole number" in text_of(app))
        await pilot.press(*"41", "enter")
        await until(pilot)(lambda: "42" in [row.cells[0] for row in screen.pane.table.contents.shown])


async def test_state_of_a_time_is_pinned(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """:asof shows in the title, answers from then, and goes away without a time; an answer of another time says so."""
    app = deck(stored_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_empty(app, pilot, until, QueryLanguage.SQL)
        app.run_command("asof 2026-11-01T00:00:00Z")
        await until(pilot)(lambda: "as of 2026-11-01 00:00:00Z" in text_of(app))
        app.run_command("now 2026-11-02T00:00:00Z")
        await until(pilot)(lambda: "now is 2026-11-02 00:00:00Z" in text_of(app))
        screen_of(app).ask_sql("SELECT now() AS Now")
        await until(pilot)(
            lambda: "2026-11-02" in "".join(r.cells[0] for r in screen_of(app).pane.table.contents.shown)
        )
        app.run_command("asof")
        await until(pilot)(lambda: app.instant is None and "─ as of 2026-11-01 00:00Z ─" in text_of(app))
        screen_of(app).ask_sql("SELECT 1 AS One")
        await until(pilot)(lambda: "One" in text_of(app) and "as of" not in text_of(app))
        app.run_command("asof 2026-11-01T00:00:00Z")
        await until(pilot)(lambda: app.instant is not None and "─ of the present ─" in text_of(app))


async def test_undo_of_a_long_paste_brings_the_text_back(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Five kilobytes of lines and tabs come and go, also while the place of an error in them is underlined."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.editor.text = "SELECT 1"
        pasted = "\n".join(["SELECT\t1 AS n UNION ALL"] * 200) + "\nSELECT '漢字', Nothing"
        await pilot.press("f7", "delete")
        app.post_message(events.Paste(pasted))
        await until(pilot)(lambda: screen.editor.text == pasted)
        await pilot.press("f5")
        await until(pilot)(lambda: screen.query_one(ErrorLines).text)
        assert screen.editor.cursor_location == (200, pasted.splitlines()[-1].index("Nothing"))
        await pilot.press("ctrl+z", "ctrl+z")
        await until(pilot)(lambda: screen.editor.text == "SELECT 1")
        await pilot.press("ctrl+y", "ctrl+y")
        await until(pilot)(lambda: screen.editor.text == pasted)


async def test_nothing_is_offered_behind_f5(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """A list would cover what was asked for: the answer, or what is wrong."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        await pilot.press(*"SELECT count(*) FROM Upd")
        await until(pilot)(lambda: screen.query_one(CompletionList).is_open)
        await pilot.press("f5")
        await until(pilot)(lambda: screen.query_one(ErrorLines).text)
        assert not screen.query_one(CompletionList).is_open


async def test_text_is_written_on_in_the_users_editor(
    stored_home: Home, deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ctrl+o opens it in $EDITOR; what comes back is one step to undo, and an editor that fails changes nothing."""
    monkeypatch.setattr(PatchdeckApp, "suspend", lambda _: contextlib.nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.KQL)
        await pilot.press(*"Update")
        monkeypatch.setenv("EDITOR", "sed -i -e 's/$/ | take 2/'")
        await pilot.press("ctrl+o")
        await until(pilot)(lambda: screen.editor.text == "Update | take 2")
        await pilot.press("ctrl+z")
        await until(pilot)(lambda: screen.editor.text == "Update")
        monkeypatch.setenv("EDITOR", "false")
        await pilot.press("ctrl+o")
        await until(pilot)(lambda: any("nothing was changed" in each.text for each in app.said))
        assert screen.editor.text == "Update"


async def test_refused_translation_leaves_a_running_query_alone(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """f9 over a text with a mistake tells it; the query that runs goes on, and escape still stops it."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_empty(app, pilot, until, QueryLanguage.SQL)
        screen.put("SELECT count(*) FROM range(100000000) a, range(100000000) b", QueryLanguage.SQL)
        await pilot.press("f5")
        await until(pilot)(lambda: screen.is_asking)
        screen.put("Nowhere | take 1", QueryLanguage.KQL)
        await pilot.press("f9")
        await until(pilot)(lambda: "Nowhere" in screen.query_one(ErrorLines).text)
        assert screen.is_asking
        await pilot.press("escape")
        await until(pilot)(lambda: not screen.is_asking)
