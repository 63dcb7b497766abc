"""What can be done with any table: copy of it, mark in it, sort it, read a row of it in full."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.clipboard import copy_lines, table_lines
from tui.widgets.contents import Sorting
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.app import PatchdeckApp
    from tui.screens.table_screen import TableScreen


def copy_rows(deck: "PatchdeckApp", table: BigTable) -> None:
    """Copies the marked rows, a line each, else the one under the cursor."""
    marked = table.contents.marked
    if marked:
        copy_lines(deck, [_line(row) for row in marked], f"{len(marked):,} marked rows")
    elif row := table.cursor_row:
        deck.copy(_line(row), row.cells[0])


def copy_table(deck: "PatchdeckApp", table: BigTable, title: str) -> None:
    """Copies all rows shown, with the headings of all columns, also of those that do not fit."""
    chosen = [index for index, column in enumerate(table.columns) if column.most]
    rows = [[row.cells[index] for index in chosen] for row in table.contents.shown]
    lines = table_lines([table.columns[index].heading for index in chosen], rows)
    copy_lines(deck, lines, f"{len(rows):,} rows of {title}")


def ask_value(deck: "PatchdeckApp", table: BigTable) -> None:
    """Asks which value of the row under the cursor is to be copied, and copies it."""
    from tui.screens.picker import Picker

    row = table.cursor_row
    if row is None:
        return
    values = [(column.heading, cell) for column, cell in zip(table.columns, row.cells, strict=True) if cell]
    rows = [Row(str(number), (heading, clean(cell))) for number, (heading, cell) in enumerate(values)]
    columns = (TableColumn("column", "Column", most=24, least=8, priority=0), TableColumn("value", "Value", most=200))

    def answered(key: str | None) -> None:
        if key is not None:
            heading, cell = values[int(key)]
            deck.copy(cell, f"{heading} {cell}"[:60])

    meanings = {str(number): clean(cell) for number, (_, cell) in enumerate(values)}
    deck.push_screen(Picker("Copy a value", columns, rows, meanings, takes="copies it"), answered)


def mark_range(table: BigTable) -> None:
    """Marks all rows from the nearest marked one above, else below, to the one under the cursor."""
    shown, marks, at = table.contents.shown, table.contents.marks, table.cursor
    above = (position for position in range(min(at, len(shown)) - 1, -1, -1) if shown[position].key in marks)
    below = (position for position in range(at + 1, len(shown)) if shown[position].key in marks)
    start = next(above, None)
    start = next(below, at) if start is None else start
    first, last = sorted((start, at))
    table.mark(marks | {row.key for row in shown[first : last + 1]})


def sort_beside(table: BigTable, step: int) -> None:
    """Sorts by the next column that is shown, to the right or to the left of the one that it is sorted by."""
    shown = [placed.index for placed in table.layout_of_columns.placed]
    now = table.sorting
    at = shown.index(now.column) + step if now is not None and now.column in shown else (0 if step > 0 else -1)
    column = shown[at % len(shown)]
    table.sort_by(Sorting(column, is_descending=table.columns[column].is_number))


def turn_order(table: BigTable) -> None:
    """Sorts the other way round; the order in which rows come, by its first column."""
    now = table.sorting or Sorting(0)
    table.sort_by(Sorting(now.column, is_descending=not now.is_descending))


def row_text(columns: Sequence[TableColumn], row: Row) -> str:
    """All of ``row``, a line for each column that says something."""
    width = max(len(column.heading) for column in columns)
    pairs = zip(columns, row.cells, strict=True)
    return "\n".join(f"{column.heading:<{width}}  {clean(cell)}" for column, cell in pairs if cell)


def page(screen: "TableScreen") -> None:
    """Shows what the screen has of the row under the cursor in the user's pager."""
    from tui.paging import show_paged

    text = screen.paged_text()
    if text:
        show_paged(screen.deck, f"{text}\n", ".txt")


def _line(row: Row) -> str:
    return "  ".join(cell for cell in row.cells if cell)
