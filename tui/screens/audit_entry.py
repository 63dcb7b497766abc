"""One entry of the audit: who did it, when, from where, and each value of before and after that differs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fleet.hostile import clean_name
from tui.rows.audit_rows import DIFFERENCE_COLUMNS, difference_rows, entry_lines
from tui.screens.folding_screen import Beside, FoldingScreen
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from fleet.audit_difference import Difference
    from ops.state.audit import AuditEntry


class AuditEntryScreen(FoldingScreen):
    """The differences of ``entry``, a row each."""

    COLUMNS = DIFFERENCE_COLUMNS
    KEEPS_PAST = True  # what it shows does not change
    DEFAULT_ORDER = "place"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "in full", tooltip="The value of before and after in full, line by line"),
        Binding("v", "view", "documents", tooltip="All of before and after, as JSON"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, entry: "AuditEntry") -> None:
        super().__init__()
        self._entry = entry
        self.about = entry.number
        self._differences: Sequence[Difference] = ()
        self.crumb = f"Entry {entry.number} {clean_name(entry.action)}"

    def body(self) -> ComposeResult:
        """Who, when and from where, between the title and the differences."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield Detail(id="entry")
            yield BigTable(self.COLUMNS)

    def beside(self) -> Sequence[Beside]:
        """Who, when and from where."""
        entry = self.query_one("#entry", Detail)
        return (Beside(entry, min(8, entry.count_lines(self.app.size.width))),)

    def on_mount(self) -> None:
        """Shows the entry, which never changes."""
        from fleet.audit_difference import differences

        entry = self._entry
        self._differences = differences(entry.before, entry.after)
        self.query_one("#entry", Detail).show(entry_lines(entry))
        self.share_room()
        self.table.set_rows(difference_rows(self._differences))
        self.show_notice()
        self.show_title()

    @property
    def table_title(self) -> str:
        """What the rows are."""
        entry = self._entry
        return "Added" if entry.before is None else "Removed" if entry.after is None else "Changed"

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That nothing differs."""
        return ((Piece("The deed changed no value: it asked for something, or did what was so already.", Tone.DIM),),)

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the value under the cursor in full."""
        from tui.screens.full_text import FullText

        if row := self.table.cursor_row:
            lines = self._differences[int(row.key)].lines()
            self.app.push_screen(FullText(row.cells[0], "\n".join(lines)))

    def action_view(self) -> None:
        """Shows both documents."""
        from tui.rows.result_rows import whole_value
        from tui.screens.full_text import FullText

        documents = (("before", self._entry.before), ("after", self._entry.after))
        parts = [f"{name}:\n{whole_value(text)}" for name, text in documents if text is not None]
        self.app.push_screen(FullText("Before and after", "\n\n".join(parts) or "There is none of either."))
