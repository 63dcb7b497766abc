"""The answer to a query: a table of any columns, with what can be done with a row of it."""

import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui.asking import Answer
from tui.rows.ages import describe_seconds
from tui.rows.result_rows import describe_record, machine_named_in
from tui.screens.sort_picker import SortPicker
from tui.screens.table_screen import shown_filter
from tui.tones import Tone
from tui.widgets.contents import Sorting
from tui.widgets.line import Piece
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from tui.screens.deck_screen import DeckScreen

# From here on a running query says how long it takes; sooner it would only flicker.
PATIENCE_SECONDS = 0.3


class AnswerPane(Vertical):
    """Shows the last answer; it stays while the next one is awaited."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The row's machine, else the whole row"),
        Binding("v", "view_row", "row", tooltip="The whole row, a column a line"),
        Binding("slash", "filter", "filter", priority=True, tooltip="Filter the answer"),
        Binding("s", "sort", "sort", tooltip="Sort the answer"),
        Binding("y", "copy", "copy", show=False, tooltip="Copy the row to the clipboard (OSC 52, also over SSH)"),
    ]

    def __init__(self) -> None:
        super().__init__(classes="pane", id="answer")
        self.answer: Answer | None = None
        self._asked_at: float | None = None

    def compose(self) -> ComposeResult:
        """The title over the table."""
        yield TitleRule(id="title")
        yield BigTable()

    def on_mount(self) -> None:
        """Counts the seconds of a running query."""
        self.set_interval(PATIENCE_SECONDS, self._count_seconds)
        self.show_notice()
        self.show_title()

    @property
    def table(self) -> BigTable:
        """The table."""
        return self.query_one(BigTable)

    def wait(self) -> None:
        """A question was asked just now."""
        self._asked_at = time.monotonic()
        self.show_title()

    def give_up(self) -> None:
        """No answer comes."""
        self._asked_at = None
        self.show_title()

    def show(self, answer: Answer) -> None:
        """Shows ``answer``."""
        self._asked_at, self.answer = None, answer
        self.table.set_columns(answer.columns)
        self.table.set_rows(answer.rows)

    # What is shown

    def show_title(self) -> None:
        """Shows count, time, limit, filter and order; or how long the running query takes."""
        title = self.query_one("#title", TitleRule)
        if self._asked_at is not None:
            seconds = time.monotonic() - self._asked_at
            waited = f"asking, {describe_seconds(seconds)}" if seconds >= PATIENCE_SECONDS else "asking"
            before = "Answer of before" if self.answer else "Answer"
            title.show_title(before, Piece(f"{waited} · esc cancels", Tone.ACCENT))
        elif self.answer is None:
            title.show_title("Answer")
        else:
            dropped = self.table.layout_of_columns.dropped if self.table.columns else 0
            more = f"+{dropped} col{'s' if dropped > 1 else ''} ›" if dropped else ""
            title.show_title(self._count(self.answer), *self._facts(self.answer), right=more)

    def _count(self, answer: Answer) -> str:
        shown, total = len(self.table.contents), len(answer.rows)
        count = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        return f"Answer {count} row{'s' if total != 1 else ''}"

    def _facts(self, answer: Answer) -> list[Piece]:
        table = self.table
        facts = [Piece(describe_seconds(answer.result.elapsed_seconds), Tone.DIM)]
        if answer.result.truncated:
            facts.insert(0, Piece(f"the first {answer.row_limit:,} only: row limit", Tone.PENDING))
        if table.filter_text.strip():
            facts.append(Piece(f"filter: {shown_filter(table)}", Tone.ACCENT))
        if table.sorting is not None:
            facts.append(Piece(f"by {table.columns[table.sorting.column].heading}", Tone.DIM))
        return facts

    def show_notice(self) -> None:
        """Says what an empty answer means and which key helps."""
        if self.answer is None:
            self.table.set_notice(
                (Piece("f5", Tone.KEY), Piece("  asks the query above")),
                (Piece("f2", Tone.KEY), Piece("  shows the predefined queries")),
                (Piece("f3", Tone.KEY), Piece("  shows the tables and what their columns mean")),
            )
        elif self.answer.rows:
            self.table.set_notice((Piece("Nothing fits the filter. "), Piece("esc", Tone.KEY), Piece(" clears it.")))
        else:
            self.table.set_notice((Piece("The answer has no rows."),))

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Keeps the title true."""
        event.stop()
        self.show_notice()
        self.show_title()

    def _count_seconds(self) -> None:
        if self._asked_at is not None:
            self.show_title()

    # Keys

    @property
    def _screen(self) -> "DeckScreen":
        return cast("DeckScreen", self.screen)

    def action_open(self) -> None:
        """Opens the machine that the row is about, else shows the whole row."""
        row = self.table.cursor_row
        if row is None or self.answer is None:
            return
        name = machine_named_in(self.answer.result, int(row.key))
        if name is not None and self._screen.deck.fleet.find_by_name(name):
            self._screen.deck.open_named(name)
        else:
            self.action_view_row()

    def action_view_row(self) -> None:
        """Shows the whole row."""
        from tui.screens.record import RecordOverlay

        row = self.table.cursor_row
        if row is not None and self.answer is not None:
            self.app.push_screen(RecordOverlay(describe_record(self.answer.result, int(row.key))))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_filter(self) -> None:
        """Asks for a filter of the answer."""
        names = tuple(f"{column.name}:" for column in self.table.columns)
        self._screen.ask("/", self.table.filter_text, names)

    def action_sort(self) -> None:
        """Asks for the column to sort the answer by."""

        def sort(sorting: Sorting | None) -> None:
            if sorting is not None:
                self.table.sort_by(None if sorting.column < 0 else sorting)

        self.app.push_screen(SortPicker(self.table.columns, self.table.sorting), sort)

    def action_copy(self) -> None:
        """Copies the row under the cursor."""
        if row := self.table.cursor_row:
            self._screen.deck.copy("\t".join(row.cells), "the row")
