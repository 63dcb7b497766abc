"""The answer to a query: a table of any columns and a chart of it, with what can be done with its rows."""

import time
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from fleet.instants import instant_text
from tui.answer_deeds import AnswerDeeds
from tui.answer_facts import answer_facts, count_rows, waiting_fact
from tui.answers import Answer
from tui.asking import Asked, Question
from tui.screens.sort_picker import SortPicker
from tui.tones import Tone
from tui.widgets.chart import ChartView
from tui.widgets.contents import Sorting
from tui.widgets.line import Piece
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from query.library import SavedQuery
    from tui.screens.deck_screen import DeckScreen

# How often rows that came in are shown and the time of a running query is drawn.
LOOK_SECONDS = 0.1
# Between two portions of rows, for keys and drawing.
BREATH_SECONDS = 0.01
# What stands there before anything is asked.
_FIRST_KEYS = (
    ("f5", "asks the query above"),
    ("f2", "shows the predefined queries"),
    ("f3", "shows the tables and what their columns mean"),
    ("f4", "changes between SQL and KQL"),
    ("f8", "shows what you asked before"),
)


class AnswerPane(Vertical):
    """Shows the last answer; it stays while the next one is awaited, until that has rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The row's machine, else the whole row"),
        Binding("c", "toggle_chart", "chart", tooltip="The answer as a chart, and back to the table"),
        Binding("v", "view_row", "row", tooltip="The whole row, a column a line; enter there shows a cell in full"),
        Binding("slash", "filter", "filter", priority=True, tooltip="Filter the answer"),
        Binding("s", "sort", "sort", tooltip="Sort the answer"),
        Binding("m", "mark_machines", "mark", tooltip="Mark all machines of the answer on the Machines screen"),
        Binding("y", "copy", "copy", show=False, tooltip="Copy the row to the clipboard (OSC 52, also over SSH)"),
        Binding("Y", "copy_column", "copy column", show=False, tooltip="Copy one column of all rows shown"),
        Binding("M", "fetch_all", "all rows", show=False, tooltip="Ask again without the row limit of the settings"),
    ]

    def __init__(self) -> None:
        super().__init__(classes="pane", id="answer")
        self.answer: Answer | None = None
        self.asked: Asked | None = None
        self._question: Question | None = None
        self._saved: SavedQuery | None = None
        self._asked_at: float | None = None
        self._is_looking = False
        self._deeds = AnswerDeeds(self)

    def compose(self) -> ComposeResult:
        """The title over the table, or over the chart in its place."""
        yield TitleRule(id="title")
        yield BigTable()
        yield ChartView()

    def on_mount(self) -> None:
        """Looks for rows of a running query."""
        self.set_interval(LOOK_SECONDS, self._look)
        self.show_notice()
        self.show_title()

    def on_unmount(self) -> None:
        """Gives back what was laid aside."""
        if self.answer is not None:
            self.answer.close()

    @property
    def table(self) -> BigTable:
        """The table."""
        return self.query_one(BigTable)

    @property
    def chart(self) -> ChartView:
        """The chart."""
        return self.query_one(ChartView)

    @property
    def content(self) -> Widget:
        """What is shown of both, and takes the focus."""
        return self.chart if self.shows_chart else self.table

    @property
    def shows_chart(self) -> bool:
        """Whether the chart stands in the place of the table."""
        return bool(self.chart.display)

    @property
    def deck_screen(self) -> "DeckScreen":
        """The screen around it."""
        return cast("DeckScreen", self.screen)

    # What comes in

    def wait(self, question: Question, saved: "SavedQuery | None" = None) -> None:
        """``question`` was asked just now, with the header of ``saved`` where it is such a query."""
        self._question, self._saved, self._asked_at = question, saved, time.monotonic()
        self.show_title()

    def give_up(self) -> None:
        """No more rows come; those that came stay, and the title says that they are not all."""
        self._look()
        if self._question is not None and self._question.answer is self.answer and self.answer is not None:
            self.answer.is_stopped = not self.answer.is_complete
        self._question, self._asked_at = None, None
        self.show_title()

    def finish(self) -> None:
        """The answer is complete."""
        self._look()
        self._question, self._asked_at = None, None
        self._deeds.show_wanted_chart(self._saved)
        self.show_notice()
        self.show_title()

    def _look(self) -> None:
        """Shows the rows that came in since the last look."""
        question = self._question
        coming = question.answer if question is not None else None
        is_new = coming is not None and coming is not self.answer
        if question is not None and coming is not None and is_new and (len(coming) or coming.is_complete):
            self._open(coming, question.asked)
        if self.answer is not None and (coming is self.answer or self.answer.has_fresh):
            fresh = self.answer.fresh_rows()
            self.table.append_rows(fresh, None if self.answer.has_fresh else self.answer)
            self._look_again()
        if self._question is not None:
            self.show_title()

    def _look_again(self) -> None:
        """Takes in what is left of the kept rows, between keys rather than before them."""
        if self.answer is not None and self.answer.has_fresh and not self._is_looking:
            self._is_looking = True
            self.set_timer(BREATH_SECONDS, self._take_rest)

    def _take_rest(self) -> None:
        self._is_looking = False
        self._look()

    def _open(self, answer: Answer, asked: Asked) -> None:
        if self.answer is not None:
            self.answer.close()
        self.answer, self.asked = answer, asked
        self.show_chart(is_shown=False)
        self.table.set_columns(answer.table_columns)

    def show_chart(self, *, is_shown: bool) -> None:
        """Shows the chart in the place of the table, or the table."""
        had_focus = self.content.has_focus
        self.chart.display, self.table.display = is_shown, not is_shown
        if had_focus:
            self.screen.set_focus(self.content)
        self.show_title()

    # What is shown

    def show_title(self) -> None:
        """Shows count, time, limit, filter and order; or how long the running query takes."""
        title = self.query_one("#title", TitleRule)
        answer, table = self.answer, self.table
        facts = [*self._instant_facts(), *answer_facts(answer, table)] if answer is not None else []
        if self._asked_at is not None and self._question is not None:
            is_coming = answer is not None and answer is self._question.answer
            name = f"Answer {count_rows(len(answer), len(answer))} so far" if answer is not None and is_coming else ""
            before = name or ("Answer of before" if answer else "Answer")
            title.show_title(before, waiting_fact(self._question, time.monotonic() - self._asked_at))
        elif answer is None:
            title.show_title("Answer")
        else:
            dropped = table.layout_of_columns.dropped if table.columns and not self.shows_chart else 0
            more = f"+{dropped} col{'s' if dropped > 1 else ''} ›" if dropped else ""
            more = f"{self.deck_screen.deck.keymap.key_of(self, 'c')} shows the table" if self.shows_chart else more
            name = f"{'Chart of' if self.shows_chart else 'Answer'} {count_rows(len(table.contents), len(answer))}"
            title.show_title(name, *facts, right=more)

    def _instant_facts(self) -> list[Piece]:
        """Of when the answer is, where the app shows another time by now."""
        shown = self.deck_screen.deck.instant
        if self.asked is None or self.asked.as_of == shown:
            return []
        return [Piece(f"as of {instant_text(self.asked.as_of)}" if self.asked.as_of else "of the present", Tone.BAD)]

    def show_notice(self) -> None:
        """Says what an empty answer means and which key helps."""
        if self.answer is None:
            self.table.set_notice(
                *((Piece(self.deck_screen.key_of(key), Tone.KEY), Piece(f"  {does}")) for key, does in _FIRST_KEYS)
            )
        elif len(self.answer):
            self.table.set_notice((Piece("Nothing fits the filter. "), Piece("esc", Tone.KEY), Piece(" clears it.")))
        else:
            self.table.set_notice((Piece("The answer has no rows."),))

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Keeps the title true."""
        event.stop()
        self.show_notice()
        self.show_title()

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine that the row is about, else shows the whole row; a chart gives way to its table."""
        if self.shows_chart:
            self.show_chart(is_shown=False)
        else:
            self._deeds.open_row()

    def action_view_row(self) -> None:
        """Shows the whole row."""
        self._deeds.view_row()

    def action_filter(self) -> None:
        """Asks for a filter of the answer."""
        self.show_chart(is_shown=False)
        names = tuple(f"{column.name}:" for column in self.table.columns)
        self.deck_screen.ask("/", self.table.filter_text, names)

    def action_sort(self) -> None:
        """Asks for the column to sort the answer by."""

        def sort(sorting: Sorting | None) -> None:
            if sorting is not None:
                self.table.sort_by(None if sorting.column < 0 else sorting)

        self.show_chart(is_shown=False)
        self.app.push_screen(SortPicker(self.table.columns, self.table.sorting), sort)

    def action_toggle_chart(self) -> None:
        """Goes between chart and table."""
        if self.shows_chart:
            self.show_chart(is_shown=False)
        else:
            self._deeds.draw_chart(self._saved)

    def action_mark_machines(self) -> None:
        """Marks the machines of the answer on the Machines screen."""
        self._deeds.mark_machines()

    def action_copy(self) -> None:
        """Copies the row under the cursor."""
        self._deeds.copy_row()

    def action_copy_column(self) -> None:
        """Asks for a column and copies it."""
        self._deeds.copy_column()

    def action_fetch_all(self) -> None:
        """Asks again for all rows."""
        from tui.screens.query import QueryScreen

        if isinstance(self.screen, QueryScreen):
            self.screen.ask_for_all()
