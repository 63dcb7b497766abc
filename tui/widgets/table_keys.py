"""What keys and clicks do in the large table."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from textual import events

from tui.widgets.contents import Sorting
from tui.widgets.row_drawing import GUTTER

if TYPE_CHECKING:
    from tui.widgets.table import BigTable


class TableKeys:
    """Stands before the table, whose cursor, order and columns it moves."""

    @property
    def _table(self) -> "BigTable":
        return cast("BigTable", self)

    def action_move(self, rows: int) -> None:
        """Moves the cursor by ``rows``."""
        self._table.move_cursor(self._table.cursor + rows)

    def action_page(self, pages: int) -> None:
        """Moves the cursor by ``pages`` screens."""
        self._table.move_cursor(self._table.cursor + pages * max(1, self._table.page_rows))

    def action_jump(self, position: int) -> None:
        """Moves the cursor to the first (0) or the last (-1) row."""
        self._table.move_cursor(position if position >= 0 else len(self._table.contents) - 1)

    def action_shift(self, columns: int) -> None:
        """Passes over more or fewer columns after the first one."""
        table = self._table
        most = max(0, sum(map(bool, table.contents.natural)) - 2)
        skipped = max(0, min(most, table.skipped_columns + columns))
        if columns > 0 and not table.layout_of_columns.dropped:
            return
        if skipped != table.skipped_columns:
            table.skipped_columns = skipped
            table.refresh()
            table.post_message(table.ViewChanged(table))

    def on_click(self, event: events.Click) -> None:
        """A click puts the cursor on a row, a second one chooses it; a click on a heading sorts by it."""
        table = self._table
        position = table.scroll_offset.y + event.y - 1
        if event.y == 0 and len(table.contents):
            self._click_on_heading(event.x)
        elif event.y > 0 and position < len(table.contents):
            table.move_cursor(position)
            if event.chain > 1 and (row := table.cursor_row):
                table.post_message(table.Chosen(table, row))

    def _click_on_heading(self, x: int) -> None:
        table, edge = self._table, GUTTER
        layout = table.layout_of_columns
        for placed in layout.placed:
            edge += placed.width + layout.gap
            if x < edge:
                now = table.sorting
                first = Sorting(placed.index, is_descending=table.columns[placed.index].is_number)
                is_again = now is not None and now.column == placed.index
                table.sort_by(replace(now, is_descending=not now.is_descending) if is_again and now else first)
                return
