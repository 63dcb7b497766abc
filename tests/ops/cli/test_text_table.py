"""Tables of text: in full without a width, within it otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ops.cli.text_table import TextColumn, lay_out

NAMES = TextColumn("Name", ["web-01", "a-very-long-name-of-a-machine"])
COUNTS = TextColumn("Count", ["7", "12345"], is_number=True)
texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z", "M"]), max_size=60)


def test_numbers_stand_on_the_right_and_texts_on_the_left() -> None:
    """Columns are as wide as their widest cell, two blanks apart."""
    table = lay_out([NAMES, COUNTS], width=None)

    assert table.lines == (
        "Name                           Count",
        "web-01                             7",
        "a-very-long-name-of-a-machine  12345",
    )


def test_the_widest_column_is_cut_with_an_ellipsis() -> None:
    """A narrow terminal costs the longest texts their ends."""
    table = lay_out([NAMES, COUNTS], width=20)

    assert table.lines[2] == "a-very-long-…  12345"


def test_extra_columns_give_way_first() -> None:
    """Before anything is cut, extra columns go, the last one first, and are counted."""
    extra = [TextColumn("Kernel", ["6.1.0"] * 2, is_extra=True), TextColumn("Arch", ["amd64"] * 2, is_extra=True)]

    table = lay_out([NAMES, *extra, COUNTS], width=44)

    assert table.lines[0].split() == ["Name", "Kernel", "Count"]
    assert table.hidden_columns == 1


def test_wide_characters_count_twice() -> None:
    """A CJK name takes two cells a character, so the columns still line up."""
    table = lay_out([TextColumn("Name", ["東京", "web"]), TextColumn("N", ["1", "2"])], width=None)

    assert table.lines == ("Name  N", "東京  1", "web   2")


@given(
    rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=5),
    width=st.integers(min_value=20, max_value=100),
)
def test_no_line_is_wider_than_the_terminal(rows: list[tuple[str, str, str]], width: int) -> None:
    """Whatever the cells hold."""
    columns = [TextColumn(f"c{index}", [row[index] for row in rows]) for index in range(3)]

    table = lay_out(columns, width=width)

    assert max(map(cell_len, table.lines)) <= width
    assert len(table.lines) == len(rows) + 1


@pytest.mark.parametrize("width", [1, 5, 20, None])
def test_many_columns_on_a_narrow_terminal_are_left_out_and_counted(width: int | None) -> None:
    """Those at the right end go; at least one stays."""
    columns = [TextColumn(f"column-{number:02}", ["value"]) for number in range(40)]

    table = lay_out(columns, width=width)

    shown = len(table.lines[0].split())
    assert shown >= 1
    assert shown + table.hidden_columns == 40
