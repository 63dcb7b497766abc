"""What can be done with every table: marks, order, columns, copies."""

from collections.abc import Awaitable, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot

from ops.chosen_columns import keep_chosen_columns, read_chosen_columns
from ops.home import Home
from tui.app import PatchdeckApp
from tui.clipboard import MOST_COPIED, sending_of, table_lines
from tui.screens.column_chooser import ColumnChooser
from tui.screens.picker import Picker
from tui.widgets.contents import Sorting
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
ESC = "\x1b"


@pytest.mark.parametrize(
    ("environment", "begins", "way"),
    [
        ({"TERM": "xterm-256color"}, f"{ESC}]52;c;", "OSC 52"),
        ({"TERM": "screen-256color", "TMUX": "/tmp/t,1,0"}, f"{ESC}]52;c;", "OSC 52, through tmux"),
        ({"TERM": "tmux-256color"}, f"{ESC}]52;c;", "OSC 52, through tmux"),
        ({"TERM": "screen", "STY": "1.pts"}, f"{ESC}P{ESC}]52;c;", "OSC 52, through screen"),
        ({}, f"{ESC}]52;c;", "OSC 52"),
    ],
)
def test_clipboard_is_reached_through_what_is_between(environment: dict[str, str], begins: str, way: str) -> None:
    """tmux gets it for itself and wrapped, its escapes doubled; screen in strings that it hands on."""
    sending = sending_of("web-01 " * 300, environment)
    assert sending.way == way
    assert sending.sequence.startswith(begins)
    if "tmux" in way:
        assert f"{ESC}Ptmux;{ESC}{ESC}]52;c;" in sending.sequence
        assert sending.sequence.endswith(f"\a{ESC}\\")
    if "screen" in way:
        assert max(map(len, sending.sequence.split(f"{ESC}\\"))) <= 768


@given(st.lists(st.text(max_size=12), min_size=1, max_size=4))
def test_copied_table_is_harmless_in_a_spreadsheet(cells: list[str]) -> None:
    """As many cells as there were, no control character, nothing that begins a formula but numbers."""
    (line,) = table_lines(cells, [])
    parts = line.split("\t")
    assert len(parts) == len(cells)
    assert not any(ord(character) < 32 and character != "\t" for character in line)
    for part in parts:
        assert not part.lstrip().startswith(("=", "@")) and (part.lstrip()[:1] not in "+-" or part[1:2] != "=")


def test_numbers_stay_numbers_in_a_copied_table() -> None:
    """Only what is no number is kept from being a formula."""
    assert (
        table_lines(["a", "b", "c"], [["-5", "+1,204.5", "-cmd|' /C calc'!A0"]])[1]
        == "-5\t+1,204.5\t'-cmd|' /C calc'!A0"
    )


async def test_marks_of_a_range_outlast_the_filter(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """On every table: space, then ctrl+space further down; both ways."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await until(pilot)(lambda: app.current_mode == "known" and len(app.screen.query_one(BigTable).contents) > 5)
        table = app.screen.query_one(BigTable)
        await pilot.press("j", "space", "j", "j", "ctrl+@")
        await until(pilot)(lambda: len(table.contents.marks) == 4)
        await pilot.press("slash", *"~zq", "enter")
        await until(pilot)(lambda: table.filter_text == "~zq" and len(table.contents.marks) == 4)


async def test_order_moves_to_the_next_column_and_turns(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """``>`` and ``<`` go through the columns that are shown, ``^`` turns, a click on a heading does both."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await pilot.press("greater_than_sign", "greater_than_sign", "greater_than_sign")
        await until(pilot)(lambda: table.sorting == Sorting(2, is_descending=True))
        await pilot.press("circumflex_accent", "less_than_sign")
        await until(pilot)(lambda: table.sorting == Sorting(1))
        await pilot.click(BigTable, offset=(4, 0))
        await until(pilot)(lambda: table.sorting == Sorting(0))
        await pilot.click(BigTable, offset=(4, 0))
        await until(pilot)(lambda: table.sorting == Sorting(0, is_descending=True))


async def test_chosen_columns_are_kept_for_the_user(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Hidden and moved by keys alone; the next session shows them so; d takes it back."""
    app = deck(fleet_home)
    async with app.run_test(size=(200, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("vertical_line")
        await until(pilot)(lambda: isinstance(app.screen, ColumnChooser))
        await pilot.press("space", "j", "greater_than_sign", "enter")
        await until(pilot)(lambda: read_chosen_columns(fleet_home).get("machines"))
        names = read_chosen_columns(fleet_home)["machines"]
        assert "compliance" not in names
        assert names[:2] == ("security", "critical")
    app = deck(fleet_home)
    async with app.run_test(size=(200, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await until(pilot)(lambda: [each.index for each in table.layout_of_columns.placed][:3] == [0, 3, 2])
        await pilot.press("vertical_line", "d")
        await until(pilot)(lambda: not read_chosen_columns(fleet_home))
        await until(pilot)(lambda: [each.index for each in table.layout_of_columns.placed][:3] == [0, 1, 2])


def test_columns_that_nobody_can_read_are_no_trouble(empty_home: Home) -> None:
    """A spoiled file is as none, and is written anew."""
    keep_chosen_columns(empty_home, "machines", ("os",))
    path = next(empty_home.asked_dir.glob("*.columns"))
    path.write_text("[", encoding="utf-8")
    assert read_chosen_columns(empty_home) == {}
    keep_chosen_columns(empty_home, "runs", ("took",))
    assert read_chosen_columns(empty_home) == {"runs": ("took",)}
    assert path.stat().st_mode & 0o777 == 0o600


async def test_values_rows_and_tables_are_copied(
    fleet_home: Home, deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One value by choice, marked rows as lines, all rows with headings; too much goes into a file, which is told."""
    app = deck(fleet_home)
    copied: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
        await until(pilot)(lambda: app.fleet.statuses)
        table = app.screen.query_one(BigTable)
        await pilot.press("Y")
        await until(pilot)(lambda: isinstance(app.screen, Picker))
        await pilot.press("j", "enter")
        await until(pilot)(lambda: copied == ["non-compliant"])
        await pilot.press("space", "space", "y", "ctrl+y")
        await until(pilot)(lambda: len(copied) == 3)
        assert copied[1].count("\n") == 1
        assert copied[2].splitlines()[0].startswith("Machine\tCompliance\tCrit")
        assert len(copied[2].splitlines()) == 1 + len(table.contents.rows)
        monkeypatch.setattr("tui.clipboard.MOST_COPIED", 100)
        await pilot.press("ctrl+y")
        await until(pilot)(lambda: "patchdeck-copied-" in app.said[-1].text)
    assert MOST_COPIED == 56_245
