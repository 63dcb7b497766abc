"""Asking the tables in SQL: editor over answer, the predefined queries, the tables and their columns, export."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import TextArea

from fleet.errors import PatchdeckError, QueryCancelled
from tui.asking import Answer, Question
from tui.background import in_thread
from tui.screens.answer_pane import AnswerPane
from tui.screens.deck_screen import DeckScreen
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.prompt import Prompt
from tui.widgets.sql_editor import SqlEditor
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from query.library import SavedQuery

FIRST_SQL = """\
SELECT Classification, count(*) AS Updates, count(DISTINCT Computer) AS Machines
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY ALL
ORDER BY Updates DESC"""


class QueryScreen(DeckScreen):
    """An editor over an answer. One question at a time; a new one stops the one before."""

    crumb = "Query"
    DEFAULT_CSS = """
    QueryScreen #editor { height: auto; }
    QueryScreen #error { display: none; padding: 0 1; height: auto; max-height: 3; }
    QueryScreen #error.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r,ctrl+enter", "run", "run", priority=True, tooltip="Ask what the editor holds"),
        Binding("f2", "pick_query", "queries", tooltip="The predefined and saved queries"),
        Binding("f3", "pick_name", "tables", tooltip="The tables and columns, with what they mean"),
        Binding("ctrl+e", "export", "export", priority=True, tooltip="Write the whole answer to a file"),
        Binding("f6", "switch_pane", "pane", priority=True, tooltip="Between editor and answer"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._parameters: dict[str, object] = {}
        self._question: Question | None = None
        self._asked: Question | None = None

    def body(self) -> ComposeResult:
        """The editor over its answer."""
        with Vertical(classes="pane", id="editor"):
            yield TitleRule(id="query-title")
            yield SqlEditor(FIRST_SQL)
            yield Detail(id="error")
        yield AnswerPane()

    def on_mount(self) -> None:
        """Begins in the editor."""
        self._show_title()
        self.editor.focus()

    def on_unmount(self) -> None:
        """Stops what still runs: leaving must not wait for it."""
        if self._question is not None:
            self._question.cancel()

    @property
    def editor(self) -> SqlEditor:
        """The editor."""
        return self.query_one(SqlEditor)

    @property
    def pane(self) -> AnswerPane:
        """The answer."""
        return self.query_one(AnswerPane)

    @property
    def is_asking(self) -> bool:
        """Whether a question waits for its answer."""
        return self._question is not None

    # Asking

    def ask_sql(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Puts ``sql`` into the editor and asks it; the answer is what is wanted, so it gets the focus and the room."""
        self.editor.text = sql
        self._parameters = dict(parameters or {})
        self.pane.table.focus()
        self.action_run()

    def action_run(self) -> None:
        """Asks what the editor holds; a question that still runs is stopped."""
        sql = self.editor.text
        if not sql.strip():
            self.deck.say("There is no query: write one, or f2 shows the predefined ones.")
            return
        if self._question is not None:
            self._question.cancel()
        self._parameters = {name: value for name, value in self._parameters.items() if f"${name}" in sql}
        question = Question(self.deck.home, sql, self._parameters, self.deck.clock())
        self._question = question
        self._show_error("")
        self._show_title()
        self.pane.wait()

        def answered(answer: Answer) -> None:
            if self._question is question:
                self._question, self._asked = None, question
                self.pane.show(answer)

        def failed(error: PatchdeckError) -> None:
            if self._question is question:
                self._refuse(error)

        in_thread(self.deck, question.answer, answered, failed, what="asking the tables")

    def _refuse(self, error: PatchdeckError) -> None:
        self._question = None
        self.pane.give_up()
        if isinstance(error, QueryCancelled):
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
        self.pane.give_up()
        self.deck.say("The query was cancelled.")
        return True

    def _show_title(self) -> None:
        given = [Piece(f"${name} = {value}", Tone.ACCENT) for name, value in self._parameters.items()]
        self.query_one("#query-title", TitleRule).show_title("SQL", *given, right="f5 asks")

    def _show_error(self, text: str) -> None:
        line = self.query_one("#error", Detail)
        line.set_class(bool(text), "-shown")
        line.show([(Piece(text, Tone.BAD),)] if text else ())

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """An error is of the text that was asked; a changed text has none yet."""
        event.stop()
        self._show_error("")

    # Keys

    def action_back(self) -> None:
        """Cancels, or leaves the editor for the answer, where letters are keys, or clears its filter."""
        if self.cancel():
            return
        if self.editor.has_focus:
            self.pane.table.focus()
        elif self.pane.table.filter_text:
            self.pane.table.set_filter("")
        else:
            super().action_back()

    def action_switch_pane(self) -> None:
        """Goes to the other pane."""
        (self.editor if self.pane.table.has_focus else self.pane.table).focus()

    def action_export(self) -> None:
        """Asks for the file to write the answer to."""
        if self._asked is None:
            self.deck.say("There is no answer to export yet: f5 asks.")
        else:
            self.ask("export to (.csv .json .ndjson .parquet)", str(Path.cwd() / "answer.csv"))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        if event.kind == "/":
            self.pane.table.set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Filters, or exports where it was a file that was asked for."""
        if event.kind == "/":
            self.pane.table.set_filter(event.text)
        elif event.kind.startswith("export") and event.text.strip() and self._asked is not None:
            self._export(self._asked, Path(event.text.strip()).expanduser())

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Takes back the filter that was being typed."""
        if event.kind == "/":
            self.pane.table.set_filter("")

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
