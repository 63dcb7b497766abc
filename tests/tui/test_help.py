"""Help and palette: every key that works here, each greyed with its reason where it cannot be used now."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from ops.permission import Closed, close_to_writing, open_to_writing
from tui.app import PatchdeckApp
from tui.screens.help import HelpOverlay
from tui.screens.query import QueryScreen
from tui.screens.sort_picker import SortPicker
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


async def test_help_is_searched_and_does_what_is_chosen(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """``?``, a word, enter, enter: the sort picker opens as by its key."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("question_mark")
        await until(pilot)(lambda: isinstance(app.screen, HelpOverlay) and app.screen.query_one(BigTable).contents.rows)
        table = app.screen.query_one(BigTable)
        titles = [row.cells[0] for row in table.contents.rows if not row.cells[1]]
        assert titles == ["Machines", "In the table", "Everywhere"]
        await pilot.press("slash", *"sort by", "enter")
        await until(pilot)(lambda: table.cursor_row and table.cursor_row.cells[0].strip() == "s")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, SortPicker))


async def test_what_cannot_be_done_says_why_in_help_and_palette(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The key stays where it is looked for, with the reason that pressing it tells."""
    close_to_writing(fleet_home.path, Closed("it is opened read-only", is_asked=True))
    app = deck(fleet_home)
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot)(lambda: app.fleet.statuses)
            told = {each.title: each.help for each in app.get_system_commands(app.screen)}
            assert "not now: that takes an admin" in told["add  (a)"]
            assert "not now" not in told["open  (enter)"]
            assert "not now: that takes an admin" in told[":add"]
            await pilot.press("question_mark")
            await until(pilot)(lambda: isinstance(app.screen, HelpOverlay) and app.screen.query_one(BigTable).contents)
            await pilot.press("slash", *"add a", "enter")
            await until(pilot)(lambda: "(not now: that takes an admin" in app.screen.query_one(Detail).text)
    finally:
        open_to_writing(fleet_home.path)


async def test_palette_lists_the_keys_of_the_screen_first_and_reads_no_markup(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Its own keys, then commands; brackets of keys and of the user's own commands are text; meanings are searched."""
    fleet_home.config_file.write_text('[app.aliases]\nodd = "machines [/x] [@click=app.quit]"\n', encoding="utf-8")
    app = deck(fleet_home)
    app.take_own_keys()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("ctrl+p")
        await until(pilot)(lambda: "open  (enter)" in text_of(app))
        await pilot.press(*"click")
        await until(pilot)(lambda: ":machines [/x] [@click=app.quit]" in text_of(app))


async def test_help_opens_over_a_question_too(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """``?`` is everywhere, and leads back to where one was."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("s", "f1")
        await until(pilot)(lambda: isinstance(app.screen, HelpOverlay))
        assert any(row.cells[0] == "Sort by" for row in app.screen.query_one(BigTable).contents.rows)
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, SortPicker))


async def test_help_shows_own_keys_also_of_parts_without_the_focus(
    fleet_home: Home, deck: Deck, until: UntilOf
) -> None:
    """The keys of the editor are told from the answer, too, as config.toml has them."""
    fleet_home.config_file.write_text('[keys]\n"query-editor.complete" = "f12"\n', encoding="utf-8")
    app = deck(fleet_home)
    app.take_own_keys()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("3")
        await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and app.screen.editor.has_focus)
        await pilot.press("escape", "question_mark")
        await until(pilot)(lambda: isinstance(app.screen, HelpOverlay) and app.screen.query_one(BigTable).contents.rows)
        rows = app.screen.query_one(BigTable).contents.rows
        assert [row.cells[0] for row in rows if row.cells[1].startswith("Offer what may stand here")] == ["  f12"]
