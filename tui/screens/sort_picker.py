"""Which column a table is sorted by."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.contents import Sorting
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

DEFAULT_ORDER = Sorting(-1)


class SortPicker(Overlay[Sorting]):
    """Gives the chosen `Sorting`; `DEFAULT_ORDER` for the order the rows come in."""

    DEFAULT_CSS = """
    SortPicker > .box { width: 44; }
    SortPicker BigTable { height: auto; max-height: 20; }
    """
    TITLE_TEXT = "Sort by"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "sort", tooltip="Sort by this column"),
    ]

    def __init__(self, columns: Sequence[TableColumn], current: Sorting | None) -> None:
        super().__init__()
        self._columns = columns
        self._current = current

    def content(self) -> ComposeResult:
        """The columns, and the order they come in."""
        yield BigTable((TableColumn("column", "Column", most=30), TableColumn("order", "Order", most=12)))

    def on_mount(self) -> None:
        """Lists the columns with the cursor on the current one."""
        table = self.query_one(BigTable)
        current = self._current
        rows = [Row("-1", ("as it comes", "now" if current is None else ""), (Tone.DIM, Tone.DIM))]
        for index, column in enumerate(self._columns):
            is_now = current is not None and current.column == index
            order = ("▾ down" if current and current.is_descending else "▴ up") if is_now else ""
            rows.append(Row(str(index), (column.heading, order), (Tone.NORMAL, Tone.ACCENT)))
        table.set_rows(rows)
        table.styles.height = len(rows) + 1
        table.move_cursor((current.column if current else -1) + 1)

    def action_choose(self) -> None:
        """Sorts by the column under the cursor; numbers begin with the largest."""
        row = self.query_one(BigTable).cursor_row
        if row is None:
            return
        column = int(row.key)
        if column < 0:
            self.dismiss(DEFAULT_ORDER)
            return
        current = self._current
        again = current is not None and current.column == column
        down = not current.is_descending if again and current else self._columns[column].is_number
        self.dismiss(Sorting(column, is_descending=down))

    def on_big_table_chosen(self) -> None:
        """A double click chooses too."""
        self.action_choose()
