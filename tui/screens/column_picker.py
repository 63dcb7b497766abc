"""Which column is meant."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.overlay import Overlay
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable


class ColumnPicker(Overlay[int]):
    """Gives the number of the chosen column, 0 for the first."""

    DEFAULT_CSS = """
    ColumnPicker > .box { width: 44; }
    ColumnPicker BigTable { height: auto; max-height: 20; }
    """
    TITLE_TEXT = "Copy a column"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "copy", tooltip="Copy this column of all rows shown"),
    ]

    def __init__(self, columns: Sequence[TableColumn]) -> None:
        super().__init__()
        self._columns = columns

    def content(self) -> ComposeResult:
        """The columns."""
        yield BigTable((TableColumn("column", "Column", most=40),))

    def on_mount(self) -> None:
        """Lists the columns."""
        table = self.query_one(BigTable)
        table.set_rows([Row(str(index), (column.heading,)) for index, column in enumerate(self._columns)])
        table.styles.height = len(self._columns) + 1

    def action_choose(self) -> None:
        """Gives the column under the cursor."""
        if row := self.query_one(BigTable).cursor_row:
            self.dismiss(int(row.key))

    def on_big_table_chosen(self) -> None:
        """A double click chooses too."""
        self.action_choose()
