"""The large table, on a screen of its own."""

from collections.abc import Callable

from textual.app import App, ComposeResult

from tui.tones import Tone
from tui.widgets.column_layout import lay_out, natural_widths
from tui.widgets.contents import Sorting
from tui.widgets.row_drawing import GUTTER
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

COLUMNS = (
    TableColumn("name", "Name", most=20, least=8, priority=0),
    TableColumn("count", "Count", is_number=True),
    TableColumn("text", "Text", most=30),
)
TextOf = Callable[[App[int]], str]


class TableApp(App[int]):
    def compose(self) -> ComposeResult:
        yield BigTable(COLUMNS)


def make_rows(count: int) -> list[Row]:
    return [
        Row(f"k{n}", (f"m{n:05d}", str(n % 7), f"text {n}"), (), (f"m{n:05d}", n % 7 if n % 5 else None, f"text {n}"))
        for n in range(count)
    ]


async def test_last_row_is_not_hidden(text_of: TextOf) -> None:
    """At the end of a long table its last row stands in the last line."""
    async with TableApp().run_test(size=(60, 12)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(1_000))
        await pilot.press("end")
        await pilot.pause()
        assert "m00999" in text_of(pilot.app).splitlines()[-1]
        assert table.cursor_row is not None
        assert table.cursor_row.key == "k999"


async def test_cursor_and_filter_outlast_a_resize() -> None:
    """Making the terminal smaller loses neither the row under the cursor nor the filter."""
    async with TableApp().run_test(size=(80, 30)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(500))
        table.set_filter("count:3")
        table.move_cursor(40)
        row = table.cursor_row
        await pilot.resize_terminal(50, 10)
        await pilot.pause()
        assert table.cursor_row == row
        assert table.filter_text == "count:3"
        assert table.scroll_offset.y <= table.cursor < table.scroll_offset.y + table.page_rows


async def test_column_that_the_scroll_bar_takes_is_told() -> None:
    """What the title says of columns that do not fit is of the rows as they are drawn, beside their scroll bar."""
    told: list[int] = []

    class TellingApp(TableApp):
        def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
            told.append(event.table.layout_of_columns.dropped)

    natural = natural_widths(COLUMNS, make_rows(100))
    fits = next(cells for cells in range(10, 60) if not lay_out(COLUMNS, natural, cells).dropped)
    async with TellingApp().run_test(size=(fits + GUTTER + 1, 12)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(100))
        await pilot.pause()
        await pilot.pause()
        assert table.layout_of_columns.dropped == 1
        assert told[-1] == 1


async def test_marks_outlast_the_filter() -> None:
    """A marked row that the filter hides stays marked."""
    async with TableApp().run_test() as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(20))
        table.toggle_mark()
        table.toggle_mark()
        table.set_filter("m00010")
        assert [row.key for row in table.contents.marked] == ["k0", "k1"]
        table.set_filter("")
        assert table.contents.marks == {"k0", "k1"}


async def test_sorting_puts_the_unknown_last_both_ways() -> None:
    """Rows without a value come last, whichever way the column is sorted."""
    async with TableApp().run_test() as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(20))
        for is_descending in (False, True):
            table.sort_by(Sorting(1, is_descending=is_descending))
            values = [row.order[1] for row in table.contents.shown]
            assert values[-4:] == [None] * 4
            known = [value for value in values if isinstance(value, int)]
            assert known == sorted(known, reverse=is_descending)


async def test_cursor_stays_on_its_row_when_rows_change() -> None:
    """New rows before the cursor's do not move the cursor to another row."""
    async with TableApp().run_test() as pilot:
        table = pilot.app.query_one(BigTable)
        rows = make_rows(50)
        table.set_rows(rows[10:])
        table.move_cursor(10)
        table.set_rows(rows)
        assert table.cursor_row is not None
        assert table.cursor_row.key == "k20"


async def test_replaced_rows_are_shown_in_place(text_of: TextOf) -> None:
    """A row that changes while a scan runs stays where it is."""
    async with TableApp().run_test(size=(60, 12)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(5))
        table.replace_rows([Row("k2", ("m00002", "9", "changed"), (), ("m00002", 9, "changed"))])
        await pilot.pause()
        assert "changed" in text_of(pilot.app).splitlines()[3]


async def test_markup_in_a_cell_is_only_text(text_of: TextOf) -> None:
    """Cells are drawn as they are: no markup, no crash."""
    async with TableApp().run_test(size=(70, 6)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows([Row("1", ("[/x]", "1", "[@click=app.bell]b[/]"), (Tone.STRONG, Tone.DIM, Tone.BAD))])
        await pilot.pause()
        assert "[/x]" in text_of(pilot.app)
        assert "[@click=app.bell]b[/]" in text_of(pilot.app)


async def test_left_and_right_pass_over_columns(text_of: TextOf) -> None:
    """A narrow table shows its later columns on request, the first one stays."""
    async with TableApp().run_test(size=(18, 6)) as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(3))
        await pilot.pause()
        before = text_of(pilot.app)
        await pilot.press("right")
        await pilot.pause()
        after = text_of(pilot.app)
        assert "Count" in before
        assert "Count" not in after
        assert "Name" in after
        assert "Text" in after


async def test_ten_thousand_rows_are_filtered_and_moved_through() -> None:
    """The size that the table is made for works like any other."""
    async with TableApp().run_test() as pilot:
        table = pilot.app.query_one(BigTable)
        table.set_rows(make_rows(10_000))
        table.set_filter("m0999")
        assert len(table.contents) == 10
        await pilot.press("end")
        assert table.cursor_row is not None
        assert table.cursor_row.key == "k9999"
