"""Asking the tables in SQL: editor, answer, the predefined queries, the tables and their columns, export."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import TextArea

from fleet.errors import PatchdeckError, QueryCancelled
from tui.asking import Answer, Question
from tui.background import in_thread
from tui.rows.ages import describe_seconds
from tui.rows.result_rows import describe_record, machine_named_in
from tui.screens.deck_screen import DeckScreen
from tui.tones import Tone
from tui.widgets.line import Line, Piece
from tui.widgets.prompt import Prompt
from tui.widgets.sql_editor import SqlEditor
from tui.widgets.table import BigTable, Sorting
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from query.library import SavedQuery

FIRST_SQL = """\
SELECT Classification, count(*) AS Updates, count(DISTINCT Computer) AS Machines
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY ALL
ORDER BY Updates DESC"""
# From here on a running query says how long it takes; sooner it would only flicker.
PATIENCE_SECONDS = 0.3


class QueryScreen(DeckScreen):
    """An editor over a table. The last answer stays while the next one is awaited."""

    crumb = "Query"
    DEFAULT_CSS = """
    QueryScreen #editor { height: 35%; min-height: 8; max-height: 18; }
    QueryScreen #error { display: none; padding: 0 1; }
    QueryScreen #error.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r,ctrl+enter", "run", "run", priority=True, tooltip="Ask what the editor holds"),
        Binding("f2", "pick_query", "queries", tooltip="The predefined and saved queries"),
        Binding("f3", "pick_name", "tables", tooltip="The tables and columns, with what they mean"),
        Binding(
            "ctrl+e", "export", "export", priority=True, tooltip="Write the whole answer to a CSV, JSON or Parquet file"
        ),
        Binding("f6", "switch_pane", "pane", priority=True, tooltip="Between editor and answer"),
        Binding("enter", "open", "open", show=False, tooltip="The row's machine, else the whole row"),
        Binding("v", "view_row", "row", show=False, tooltip="The whole row, a column a line"),
        Binding("slash", "filter", "filter", show=False, tooltip="Filter the answer"),
        Binding("s", "sort", "sort", show=False, tooltip="Sort the answer"),
        Binding("y", "copy", "copy", show=False, tooltip="Copy the row to the clipboard (OSC 52, also over SSH)"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._parameters: dict[str, object] = {}
        self._question: Question | None = None
        self._asked: Question | None = None
        self._answer: Answer | None = None
        self._started_at = 0.0
        self._waiting_sql = ""

    def body(self) -> ComposeResult:
        """The editor over its answer."""
        with Vertical(classes="pane", id="editor"):
            yield TitleRule(id="query-title")
            yield SqlEditor(FIRST_SQL)
            yield Line(id="error")
        with Vertical(classes="pane", id="answer"):
            yield TitleRule(id="title")
            yield BigTable()

    def on_mount(self) -> None:
        """Begins in the editor."""
        self._show_titles()
        self.editor.focus()
        self.set_interval(PATIENCE_SECONDS, self._show_waiting)
        if self._waiting_sql:
            self.ask_sql(self._waiting_sql)

    @property
    def editor(self) -> SqlEditor:
        """The editor."""
        return self.query_one(SqlEditor)

    @property
    def table(self) -> BigTable:
        """The answer."""
        return self.query_one(BigTable)

    @property
    def main_widget(self) -> Widget | None:
        """The answer where it was in use, else the editor."""
        return self.table if self._answer else self.editor

    def fleet_changed(self) -> None:
        """Nothing: an answer is of the moment at which it was asked."""

    # Asking

    def ask_sql(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Puts ``sql`` into the editor and asks it."""
        if not self.is_mounted:
            self._waiting_sql = sql
            return
        self.editor.text = sql
        self._parameters = dict(parameters or {})
        self.action_run()

    def action_run(self) -> None:
        """Asks what the editor holds; a question that still runs is stopped."""
        sql = self.editor.text
        if not sql.strip():
            self.deck.say("There is no query: write one, or f2 shows the predefined ones.")
            return
        if self._question is not None:
            self._question.cancel()
        deck = self.deck
        named = {name: value for name, value in self._parameters.items() if f"${name}" in sql}
        question = Question(deck.home, sql, named, deck.clock())
        self._question, self._started_at = question, time.monotonic()
        self._show_error("")
        self._show_titles()

        def answered(answer: Answer) -> None:
            if self._question is question:
                self._take(question, answer)

        def failed(error: PatchdeckError) -> None:
            if self._question is question:
                self._refuse(error)

        in_thread(deck, question.answer, answered, failed, what="asking the tables")

    def _take(self, question: Question, answer: Answer) -> None:
        self._question, self._asked, self._answer = None, question, answer
        self.table.set_columns(answer.columns)
        self.table.set_rows(answer.rows)
        self._show_titles()

    def _refuse(self, error: PatchdeckError) -> None:
        self._question = None
        self._show_titles()
        if isinstance(error, QueryCancelled):
            self.deck.say("The query was cancelled.")
            return
        self._show_error(str(error))
        position = getattr(error, "position", None)
        if position is not None:
            self.editor.move_cursor((position.line - 1, position.column - 1))
            self.editor.focus()

    def cancel(self) -> bool:
        """Stops the running question; whether there was one."""
        if self._question is None:
            return False
        question, self._question = self._question, None
        question.cancel()
        self._show_titles()
        self.deck.say("The query was cancelled.")
        return True

    # What is shown

    def _show_titles(self) -> None:
        editor_title = self.query_one("#query-title", TitleRule)
        given = [Piece(f"${name} = {value}", Tone.ACCENT) for name, value in self._parameters.items()]
        editor_title.show_title("SQL", *given, right="f5 run")
        answer_title = self.query_one("#title", TitleRule)
        facts: list[Piece] = []
        if self._question is not None:
            seconds = time.monotonic() - self._started_at
            waited = f"asking, {describe_seconds(seconds)}" if seconds >= PATIENCE_SECONDS else "asking"
            facts.append(Piece(f"{waited} · esc cancels", Tone.ACCENT))
        if self._answer is None:
            answer_title.show_title("Answer", *facts)
            return
        answer_title.show_title(*self._answer_facts(self._answer), right=self._more_columns()) if not facts else (
            answer_title.show_title("Answer (of before)", *facts)
        )

    def _answer_facts(self, answer: Answer) -> tuple[str, *tuple[Piece, ...]]:
        table = self.table
        total = len(answer.rows)
        count = f"{table.shown_count:,} of {total:,}" if table.shown_count != total else f"{total:,}"
        facts = [Piece(describe_seconds(answer.result.elapsed_seconds), Tone.DIM)]
        if answer.result.truncated:
            facts.insert(0, Piece(f"the first {answer.row_limit:,} only: row limit", Tone.PENDING))
        if table.filter_text.strip():
            facts.append(Piece(f"filter: {table.filter_text.strip()}", Tone.ACCENT))
        if table.sorting is not None:
            facts.append(Piece(f"by {table.columns[table.sorting.column].heading}", Tone.DIM))
        return (f"Answer {count} row{'s' if total != 1 else ''}", *facts)

    def _more_columns(self) -> str:
        dropped = self.table.layout_of_columns.dropped if self.table.columns else 0
        return f"+{dropped} col{'s' if dropped > 1 else ''} ›" if dropped else ""

    def _show_waiting(self) -> None:
        if self._question is not None:
            self._show_titles()

    def _show_error(self, text: str) -> None:
        line = self.query_one("#error", Line)
        line.set_class(bool(text), "-shown")
        line.show([Piece(text, Tone.BAD)] if text else [])

    def show_notice(self) -> None:
        """Says what an empty answer means and which key helps."""
        if self._answer is None:
            self.table.set_notice(
                (Piece("f5", Tone.KEY), Piece("  asks the query above")),
                (Piece("f2", Tone.KEY), Piece("  shows the predefined queries")),
                (Piece("f3", Tone.KEY), Piece("  shows the tables and what their columns mean")),
            )
        elif self.table.rows:
            self.table.set_notice((Piece("Nothing fits the filter. "), Piece("esc", Tone.KEY), Piece(" clears it.")))
        else:
            self.table.set_notice((Piece("The answer has no rows."),))

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Keeps the title true."""
        event.stop()
        self.show_notice()
        self._show_titles()

    # Keys

    def action_back(self) -> None:
        """Cancels, or clears the filter, or goes back to the editor, else to the screen before."""
        if self.cancel():
            return
        if self.table.filter_text:
            self.table.set_filter("")
        elif self.table.has_focus:
            self.editor.focus()
        else:
            super().action_back()

    def action_switch_pane(self) -> None:
        """Goes to the other pane."""
        (self.editor if self.table.has_focus else self.table).focus()

    def action_open(self) -> None:
        """Opens the machine that the row is about, else shows the whole row."""
        row = self.table.cursor_row
        if row is None or self._answer is None:
            return
        name = machine_named_in(self._answer.result, int(row.key))
        if name is not None and self.deck.fleet.find_by_name(name):
            self.deck.open_named(name)
        else:
            self.action_view_row()

    def action_view_row(self) -> None:
        """Shows the whole row."""
        from tui.screens.record import RecordOverlay

        row = self.table.cursor_row
        if row is not None and self._answer is not None:
            self.app.push_screen(RecordOverlay(describe_record(self._answer.result, int(row.key))))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_filter(self) -> None:
        """Asks for a filter of the answer."""
        self.ask("/", self.table.filter_text, tuple(f"{column.name}:" for column in self.table.columns))

    def action_sort(self) -> None:
        """Asks for the column to sort the answer by."""
        from tui.screens.sort_picker import SortPicker

        def sort(sorting: Sorting | None) -> None:
            if sorting is not None:
                self.table.sort_by(None if sorting.column < 0 else sorting)

        self.app.push_screen(SortPicker(self.table.columns, self.table.sorting), sort)

    def action_copy(self) -> None:
        """Copies the row under the cursor."""
        if row := self.table.cursor_row:
            self.deck.copy("\t".join(row.cells), "the row")

    def action_export(self) -> None:
        """Asks for the file to write the answer to."""
        if self._asked is None:
            self.deck.say("There is no answer to export yet: f5 asks.")
        else:
            self.ask("export to (.csv .json .ndjson .parquet)", str(Path.cwd() / "answer.csv"))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        if event.kind == "/":
            self.table.set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Exports, where it was a file that was asked for."""
        if event.kind.startswith("export") and event.text.strip() and self._asked is not None:
            self._export(self._asked, Path(event.text.strip()).expanduser())

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Takes back the filter that was being typed."""
        if event.kind == "/":
            self.table.set_filter("")

    def _export(self, asked: Question, path: Path) -> None:
        question = Question(self.deck.home, asked.sql, asked.parameters, self.deck.clock())
        in_thread(self.deck, lambda: question.export(path), self.deck.say, self.deck.complain, what="exporting")

    def action_pick_query(self) -> None:
        """Shows the predefined and saved queries."""
        from tui.screens.saved_queries import SavedQueries

        self.app.push_screen(SavedQueries(), self._query_picked)

    def _query_picked(self, saved: "SavedQuery | None") -> None:
        if saved is None:
            return
        if not saved.parameters:
            self.ask_sql(saved.sql)
            return
        from tui.screens.parameters import ParametersOverlay

        def given(values: dict[str, object] | None) -> None:
            if values is not None:
                self.ask_sql(saved.sql, values)

        self.app.push_screen(ParametersOverlay(saved), given)

    def action_pick_name(self) -> None:
        """Shows the tables and columns; the chosen name is put into the editor."""
        from tui.screens.catalogue import CatalogueOverlay

        def picked(name: str | None) -> None:
            if name is not None:
                self.editor.insert(name)
                self.editor.focus()

        self.app.push_screen(CatalogueOverlay(), picked)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """An error is of the text that was asked; a changed text has none yet."""
        event.stop()
        self._show_error("")
