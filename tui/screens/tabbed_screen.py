"""A reading screen whose table shows one of several lists: a tab for each."""

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui.screens.reading_screen import ReadingScreen
from tui.widgets.rows import TableColumn
from tui.widgets.tab_line import TabLine

Known = TypeVar("Known")


class TabbedScreen(ReadingScreen[Known]):
    """Subclasses say what the tabs are called in `tab_names`; ``tab`` is the number of the one in front."""

    # The columns of each tab.
    TAB_COLUMNS: tuple[tuple[TableColumn, ...], ...] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.tab = 0

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    def tab_names(self, known: Known) -> Sequence[str]:
        """What the tabs are called, with how much is in each."""
        raise NotImplementedError

    def show_known(self) -> None:
        """Counts in the tabs too."""
        if self.is_up and self.known is not None:
            self.query_one(TabLine).show_tabs(self.tab_names(self.known), self.tab)
        super().show_known()

    def bring(self, tab: int) -> None:
        """Brings the tab with that number to the front."""
        self.tab = tab
        self.table.set_columns(self.TAB_COLUMNS[tab])
        self.show_known()

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self.bring((self.tab + step) % len(self.TAB_COLUMNS))
