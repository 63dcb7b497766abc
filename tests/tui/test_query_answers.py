"""Answers in the app: long ones, charts, whole cells, copying, the way to machines and marks."""

import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.hostile import scrub
from ops.home import Home
from query.language import QueryLanguage
from query.results import ResultColumn
from tui.answers import SEARCHED_ROWS, Answer
from tui.app import PatchdeckApp
from tui.rows.result_rows import result_columns, show_value
from tui.screens.full_text import FullText
from tui.screens.machine import MachineScreen
from tui.screens.machines import MachinesScreen
from tui.screens.query import QueryScreen
from tui.screens.record import RecordOverlay
from tui.widgets.column_layout import lay_out

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
KEPT_ROWS = 3_000
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


async def ask(
    app: PatchdeckApp, pilot: Pilot[int], until: UntilOf, text: str, language: QueryLanguage = QueryLanguage.SQL
) -> QueryScreen:
    await pilot.press("3")
    await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and app.screen.editor.has_focus)
    screen = app.screen
    assert isinstance(screen, QueryScreen)
    screen.put(text, language)
    screen.ask_text({})
    await until(pilot)(lambda: not screen.is_asking and screen.pane.answer is not None)
    return screen


async def test_long_answer_is_walked_to_its_end(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows behind those that are kept are shown too; a filter and an order say that they are of the kept ones only."""
    monkeypatch.setattr("tui.answers.SEARCHED_ROWS", KEPT_ROWS)  # so that a short answer is a long one
    app = deck(stored_home)
    async with app.run_test(size=(120, 30)) as pilot:
        screen = await ask(app, pilot, until, "SELECT n FROM range(10000) AS r(n)")
        await until(pilot)(lambda: "Answer 10,000 rows" in text_of(app))  # the title comes behind the rows
        assert len(screen.pane.table.contents) == 10_000
        assert screen.pane.table.has_focus
        await pilot.press("G")
        await until(pilot)(lambda: "9999" in text_of(app))
        await pilot.press("slash", *"999", "enter")
        await until(pilot)(lambda: f"of the first {KEPT_ROWS:,} rows only" in text_of(app))
        shown = ["999", "1999", "2999"]
        await until(pilot)(lambda: [row.cells[0] for row in screen.pane.table.contents.shown] == shown)


async def test_all_rows_are_asked_for_by_a_key(stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """M lifts the limit of the settings."""
    stored_home.config_file.write_text("[query]\nrow_limit = 5\n")
    app = deck(stored_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await ask(app, pilot, until, "SELECT * FROM range(5000)")
        await until(pilot)(lambda: "the first 5 only: row limit, M asks for all" in text_of(app))
        await pilot.press("M")
        await until(pilot)(lambda: "Answer 5,000 rows" in text_of(app))


def test_memory_holds_the_kept_rows_only(tmp_path: Path) -> None:
    """What comes behind them lies on the disk, and is read back from there."""
    answer = Answer((ResultColumn("n", "BIGINT"),), tmp_path, None)
    for start in range(0, SEARCHED_ROWS + 10_000, 2_000):
        answer.take([(number,) for number in range(start, start + 2_000)])
    assert answer.tail_count == 10_000
    assert answer.values(SEARCHED_ROWS + 9_999) == (SEARCHED_ROWS + 9_999,)
    assert answer.tail_row(1).cells == (str(SEARCHED_ROWS + 1),)
    answer.close()


async def test_cells_say_what_exports_say(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """Each type is shown as the values of results are, kept or laid aside, and what is no number sorts last."""
    sql = """SELECT TIMESTAMP '2026-01-02 03:04:05.678' AS at, now() AS zoned, DATE '2026-01-02' AS day,
        1.50::DECIMAL(9,2) AS d, 1e300::DOUBLE AS f, true AS b, {'a': [TIMESTAMP '2026-01-02 00:00:00']} AS nested,
        'x' || chr(9) || 'y' AS text, NULL AS none, INTERVAL 90 MINUTE AS span, '\\x01\\xff'::BLOB AS raw,
        TIME '01:02:03' AS clock, 7::UHUGEINT AS whole, 'nan'::DOUBLE AS nan"""
    app = deck(stored_home)
    async with app.run_test(size=(200, 30)) as pilot:
        screen = await ask(app, pilot, until, sql)
        answer = screen.pane.answer
        assert answer is not None
        row = screen.pane.table.contents[0]
        assert row.cells == tuple(show_value(value) for value in answer.values(0))
        assert row.cells[0] == "2026-01-02 03:04:05Z"
        assert row.cells[8] == "null"
        assert row.order[-2:] == (7, None)


async def test_render_shows_a_chart_and_c_the_table(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """KQL's render draws at once; c goes back to the table and to the chart again."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        text = "Update | where UpdateState == 'Needed' | summarize Updates=count() by Classification | render barchart"
        screen = await ask(app, pilot, until, text, QueryLanguage.KQL)
        await until(pilot)(lambda: "Chart of 3 rows" in text_of(app) and "█" in text_of(app))
        await pilot.press("c")
        await until(pilot)(lambda: "Answer 3 rows" in text_of(app))
        assert screen.pane.table.has_focus
        await pilot.press("c", "escape")
        await until(pilot)(lambda: "Answer 3 rows" in text_of(app))


async def test_answer_without_numbers_says_that_it_cannot_be_drawn(
    stored_home: Home, deck: Deck, until: UntilOf
) -> None:
    """A key that cannot do anything says why."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(app, pilot, until, "SELECT 'a' AS A")
        await pilot.press("c")
        await until(pilot)(lambda: any("column of numbers" in said.text for said in app.said))


async def test_machines_of_an_answer_are_marked(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """m marks them on the Machines screen, says how many, and how many it does not know."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        sql = "SELECT Computer FROM Machine WHERE Computer LIKE 'db-%' UNION ALL SELECT 'gone-01'"
        await ask(app, pilot, until, sql)
        await pilot.press("m")
        await until(pilot)(lambda: isinstance(app.screen, MachinesScreen) and len(app.screen.table.contents.marks) == 6)
        assert any("6 machines of the answer" in said.text and "1 other" in said.text for said in app.said)


async def test_row_without_a_name_opens_its_machine_by_id(stored_home: Home, deck: Deck, until: UntilOf) -> None:
    """SourceComputerId is enough."""
    app = deck(stored_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, until, "SELECT SourceComputerId FROM Machine WHERE Computer = 'db-fra-01'")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, MachineScreen) and app.screen.crumb == "db-fra-01")


async def test_cell_is_shown_in_full_and_copied(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """v shows the row, enter the cell with JSON indented, y copies it without what steers a terminal."""
    copied: list[str] = []
    app = deck(stored_home)
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, until, """SELECT '{"a": [1, 2], "b": "' || chr(155) || '31m"}' AS Json""")
        await pilot.press("v")
        await until(pilot)(lambda: isinstance(app.screen, RecordOverlay))
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText) and '"a": [' in text_of(app))
        await pilot.press("y")
        assert copied[0].startswith('{\n  "a": [\n')
        assert copied[0] == "\n".join(scrub(line) for line in copied[0].split("\n"))


async def test_column_is_copied(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Y asks which one, and copies it of the rows that are shown."""
    copied: list[str] = []
    app = deck(stored_home)
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, until, "SELECT n, n * 2 AS Twice FROM range(4) AS r(n)")
        await until(pilot)(lambda: "Twice" in text_of(app))
        await pilot.press("Y")
        await until(pilot)(lambda: "Copy a column" in text_of(app))
        await pilot.press("down", "enter")
        await until(pilot)(lambda: copied)
        assert copied == ["0\n2\n4\n6"]


@pytest.mark.parametrize("suffix", ["md", "xlsx", "arrow", "ndjson"])
async def test_answer_goes_to_each_format(
    stored_home: Home, deck: Deck, until: UntilOf, tmp_path: Path, suffix: str
) -> None:
    """The name of the file says which."""
    app = deck(stored_home)
    target = tmp_path / f"answer.{suffix}"
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await ask(app, pilot, until, "Machine | project Computer | take 3", QueryLanguage.KQL)
        screen.deeds.export(str(target))
        await until(pilot)(lambda: any("3 rows" in said.text for said in app.said))
        assert target.stat().st_size > 0


async def test_hostile_cells_are_harmless_in_every_view(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Markup, escape sequences and bidi overrides are shown as text in the table, the row, the cell and the chart."""
    app = deck(stored_home)
    hostile = (
        "SELECT '[@click=app.boom]x[/] [/' || chr(27) || ']0;title' || chr(7) || chr(8238) || 'gnp' AS \"[/]\", 3 AS N"
    )

    def harmless() -> None:
        assert not STEERING.search(text_of(app).replace("\n", ""))

    async with app.run_test(size=(100, 30)) as pilot:
        await ask(app, pilot, until, hostile)
        harmless()
        await pilot.press("c")
        await until(pilot)(lambda: "Chart of" in text_of(app))
        harmless()
        await pilot.press("c", "v")
        await until(pilot)(lambda: isinstance(app.screen, RecordOverlay))
        harmless()
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText))
        harmless()
        await pilot.press("escape", "escape", "Y")
        await until(pilot)(lambda: "Copy a column" in text_of(app))
        harmless()
        await pilot.press("escape", "f8")
        await until(pilot)(lambda: "Asked before" in text_of(app))
        harmless()


def test_a_time_is_shown_whole_or_not_at_all() -> None:
    """Half a time tells nothing: other columns give way before it does."""
    columns = result_columns([ResultColumn(name, "VARCHAR") for name in "abcd"] + [ResultColumn("t", "TIMESTAMP")])

    for width in range(60, 201):
        placed = lay_out(columns, [24, 48, 48, 48, 20], width).placed
        assert {each.width for each in placed if each.index == 4} <= {20}
