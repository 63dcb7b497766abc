"""A table screen on which the table has its rows first; what stands beside it has the lines that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from tui.screens.table_screen import TableScreen
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

# The bar of every list at 80x24: so many rows are seen, where there are so many.
TABLE_ROWS = 19
# Rows that are left where the user wants to read what stands beside the table.
_LEAST_ROWS = 3
# Lines of an empty table: what that means, and which keys help.
NOTICE_LINES = 8
# Path, title, headings and keys.
_CHROME_LINES = 4


@dataclass(frozen=True, slots=True)
class Beside:
    """A widget above or below the table, how many lines it may have at most (0: it is not in front), its rule."""

    widget: Widget
    most: int
    rule: TitleRule | None = None

    def take(self, room: int) -> int:
        """Takes of ``room`` lines what it may have, and gives how many those are; with one of them the rule stays."""
        rules = int(self.rule is not None and room > 0)
        lines = max(0, min(self.most, room - rules))
        if self.rule is not None:
            self.rule.display = bool(rules)
        self.widget.display = bool(lines)
        if lines:
            self.widget.styles.height = lines
        return lines + rules


class FoldingScreen(TableScreen):
    """Subclasses say in `beside` what stands beside the table, the most important first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "z", "unfold", "detail", show=False, tooltip="More lines for what stands beside the table, or fewer again"
        ),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.is_unfolded = False
        # Many, until it is known how many: what is unfolded later moves less than what folds.
        self._wanted_rows = TABLE_ROWS

    def beside(self) -> Sequence[Beside]:
        """What stands beside the table now."""
        raise NotImplementedError

    def says_nothing(self) -> bool:
        """Whether there is nothing to say beside a table without rows."""
        return True

    def on_mount(self) -> None:
        """Shares the lines out before the first of them is shown."""
        self.share_room()

    def on_resize(self) -> None:
        """Shares the lines out anew."""
        self.share_room()

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Leaves to the detail what few rows do not need."""
        event.stop()
        rows = len(self.table.contents.rows)
        wanted = min(TABLE_ROWS, rows) if rows else (self._wanted_rows if self.says_nothing() else NOTICE_LINES)
        if wanted != self._wanted_rows:
            self._wanted_rows = wanted
            self.share_room()

    def share_room(self) -> None:
        """Gives the table the rows that it has, up to `TABLE_ROWS`, and what stands beside it the rest."""
        rows = min(_LEAST_ROWS, self._wanted_rows) if self.is_unfolded else self._wanted_rows
        room = self.app.size.height - _CHROME_LINES - len(self.query(TabLine)) - rows
        for each in self.beside():
            room -= each.take(room)
        self.show_folded()

    def show_folded(self) -> None:
        """Shows in fewer lines what has no more."""

    @property
    def is_hidden(self) -> bool:
        """Whether something beside the table has no line at all."""
        return any(
            each.most and not each.widget.display and not (each.rule and each.rule.display) for each in self.beside()
        )

    def title_key(self) -> str:
        """The key that brings what is hidden."""
        has_more = self.table.contents.rows or not self.says_nothing()
        return f"{self.key_of('z')} detail" if has_more and self.is_hidden else ""

    def action_unfold(self) -> None:
        """Gives what stands beside the table more lines, or the table its rows again."""
        self.is_unfolded = not self.is_unfolded
        self.share_room()
        self.show_title()
