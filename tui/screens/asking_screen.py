"""A question and its answer on one screen: what is written, asked, refused and answered."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TextArea

from fleet.errors import PatchdeckError, Position, QueryCancelled
from query.completion.candidates import Completion
from query.completion.complete import complete
from query.completion.kql_functions import scalar_candidates
from query.completion.names import sql_functions
from query.completion.statements import looks_like_kql
from query.language import QueryLanguage
from tui.answers import Answer
from tui.asking import Asked, Question
from tui.background import in_thread
from tui.column_values import KnownValues
from tui.query_deeds import QueryDeeds
from tui.query_parameters import ask_for_parameters, parameter_names
from tui.rows.result_rows import show_value
from tui.screens.answer_pane import AnswerPane
from tui.screens.deck_screen import DeckScreen
from tui.tones import Tone
from tui.widgets.completion_list import CompletionList
from tui.widgets.error_lines import ErrorLines
from tui.widgets.line import Line, Piece
from tui.widgets.query_editor import QueryEditor
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from query.library import SavedQuery

# Rows are made ready in a thread. At Python's own 5 ms a key, which wakes the screen a dozen times, waits 60 ms.
SWITCH_SECONDS = 0.001
FIRST_SQL = """\
SELECT Classification, count(*) AS Updates, count(DISTINCT Computer) AS Machines
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY ALL
ORDER BY Updates DESC"""
FIRST_KQL = """\
Update
| where UpdateState == 'Needed'
| summarize Updates = count(), Machines = dcount(Computer) by Classification
| order by Updates desc"""
_FIRST_TEXTS = MappingProxyType({QueryLanguage.SQL: FIRST_SQL, QueryLanguage.KQL: FIRST_KQL})


class AskingScreen(DeckScreen):
    """An editor over an answer. One question at a time; a new one stops the one before."""

    DEFAULT_CSS = """
    AskingScreen { layers: base popup; }
    AskingScreen #editor { height: auto; }
    AskingScreen #offer { display: none; padding: 0 1; }
    AskingScreen #offer.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.parameters: dict[str, object] = {}
        self.saved: SavedQuery | None = None
        self.pinned_now: datetime | None = None
        self._question: Question | None = None
        self._values: KnownValues | None = None
        self._popup = CompletionList()
        self.deeds = QueryDeeds(self)

    def body(self) -> ComposeResult:
        """The editor over its answer."""
        with Vertical(classes="pane", id="editor"):
            yield TitleRule(id="query-title")
            yield QueryEditor(FIRST_SQL, self._popup)
            yield Line(id="offer")
            yield ErrorLines(id="error")
        yield AnswerPane()
        yield self._popup

    def on_mount(self) -> None:
        """Begins in the editor."""
        self._values = KnownValues(self.deck)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.editor.completer = self._complete
        self.show_title()
        self.set_focus(self.editor)  # at once: the next letters are for it
        self.use_language(self.language)

    def on_unmount(self) -> None:
        """Stops what still runs: leaving must not wait for it."""
        self.deeds.stop_exports()
        if self._question is not None:
            self._question.cancel()

    @property
    def editor(self) -> QueryEditor:
        """The editor."""
        return self.query_one(QueryEditor)

    @property
    def pane(self) -> AnswerPane:
        """The answer."""
        return self.query_one(AnswerPane)

    @property
    def language(self) -> QueryLanguage:
        """The language of the text."""
        return self.editor.query_language

    @property
    def asked(self) -> Asked | None:
        """What the answer that is shown is the answer to."""
        return self.pane.asked

    @property
    def is_asking(self) -> bool:
        """Whether a question waits for its answer."""
        return self._question is not None

    # Asking

    def ask_sql(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Puts ``sql`` into the editor and asks it."""
        self.put(sql, QueryLanguage.SQL)
        self.ask_text(parameters or {})

    def put(self, text: str, language: QueryLanguage, saved: "SavedQuery | None" = None) -> None:
        """Puts ``text`` into the editor; ``saved`` is the query whose text it is."""
        self.editor.text = text
        self.use_language(language)
        self.saved, self.parameters = saved, {}
        self.offer_kql(is_shown=False)
        self.show_title()

    @property
    def holds_first_text(self) -> bool:
        """Whether the text is still the example of its language."""
        return self.editor.text.strip() == _FIRST_TEXTS[self.language]

    def put_first_text(self, language: QueryLanguage) -> None:
        """Puts the example of ``language`` into the editor."""
        self.put(_FIRST_TEXTS[language], language)

    def use_language(self, language: QueryLanguage) -> None:
        """Reads the text as ``language`` from now on; its functions are loaded before the first of them is typed."""
        self.editor.set_query_language(language)
        functions = scalar_candidates if language is QueryLanguage.KQL else sql_functions
        in_thread(self.deck, functions, lambda _: None, self.deck.complain, what="loading the names of functions")

    def ask_text(self, parameters: Mapping[str, object]) -> None:
        """Asks what was put into the editor; the answer is what is wanted, so it gets the focus and the room."""
        self.parameters = dict(parameters)
        self.set_focus(self.pane.content)
        self._run()

    def ask_for_all(self) -> None:
        """Asks again what was asked last, without the row limit of the settings."""
        if self.asked is not None:
            self._ask(self.asked.text, 0, wants_all=True)

    def behind_keys(self, act: Callable[[], None]) -> None:
        """Does ``act`` once the keys before have come to the editor.

        On a slow link a text and the key behind it come at once, and a key with priority would overtake the text.
        """

        def now() -> None:
            if self.is_current:  # else the key came twice, and a form is open by now
                self.editor.stop_offering()
                act()

        self.editor.call_later(now)

    def action_run(self) -> None:
        """Asks the selection, else the whole text; a question that still runs is stopped."""
        self.behind_keys(self._run)

    def action_run_statement(self) -> None:
        """Asks the statement that the cursor is in."""
        self.behind_keys(lambda: self._ask(*self.editor.statement_part))

    def _run(self) -> None:
        selected, start = self.editor.selected_part
        self._ask(selected, start) if selected.strip() else self._ask(self.editor.text, 0)

    def _ask(self, text: str, start: int, *, wants_all: bool = False) -> None:
        if not text.strip():
            self.deck.say("There is no query: write one, or f2 shows the predefined ones.")
            return
        if self._question is not None:
            self._question.cancel()
        names = parameter_names(text, self.language)
        self.parameters = {name: value for name, value in self.parameters.items() if name in names}
        if len(self.parameters) < len(names):
            ask_for_parameters(self, names, lambda: self._ask(text, start, wants_all=wants_all))
            return
        now = self.pinned_now or (None if self.deck.instant else self.deck.clock())
        asked = Asked(text, self.language, dict(self.parameters), now, self.deck.instant, wants_all)
        question = Question(self.deck.home, asked)
        self._question = question
        self.show_error("", None)
        self.show_title()
        self.pane.wait(question, self.saved)

        def answered(answer: Answer) -> None:
            del answer
            if self._question is question:
                self._question = None
                self.pane.finish()
                self.deeds.remember(asked)

        def failed(error: PatchdeckError) -> None:
            if self._question is question:
                self.refuse(error, start)

        in_thread(self.deck, question.ask, answered, failed, what="asking the tables")

    def refuse(self, error: PatchdeckError, start: int) -> None:
        """Shows what is wrong with the text that begins at ``start`` of the editor's, and goes there."""
        self._question = None
        self.pane.give_up()
        if isinstance(error, QueryCancelled):
            return
        self.show_refusal(error, start)

    def show_refusal(self, error: PatchdeckError, start: int = 0) -> None:
        """As `refuse`; what runs goes on."""
        position: Position | None = getattr(error, "position", None)
        self.show_error(str(error), position)
        if position is not None:
            row, column = self.editor.location_of(start)
            first = column if position.line == 1 else 0
            self.editor.mark_error(row + position.line - 1, first + position.column - 1)
            self.set_focus(self.editor)
        self.offer_kql(is_shown=self._could_be_kql())

    def cancel(self) -> bool:
        """Stops the running question, else what is being written to a file; whether there was one."""
        if self._question is None:
            return self.deeds.stop_exports()
        question, self._question = self._question, None
        question.cancel()
        self.pane.give_up()
        self.deck.say("The query was cancelled.")
        return True

    # What is shown

    def show_title(self) -> None:
        """Shows the language, what the query is called, its values, and the instants that hold for it."""
        facts = [Piece(self.saved.name, Tone.NORMAL)] if self.saved is not None else []
        facts += [Piece(f"${name} = {show_value(value, 40)}", Tone.ACCENT) for name, value in self.parameters.items()]
        instants = (("as of", self.deck.instant), ("now is", self.pinned_now))
        facts += [Piece(f"{what} {show_value(at)}", Tone.PENDING) for what, at in instants if at is not None]
        facts += self.editor.folded_text
        asks = f"{self.key_of('f5')} asks"
        self.query_one("#query-title", TitleRule).show_title(self.language.name, *facts, right=asks)

    def show_error(self, text: str, position: Position | None) -> None:
        """Shows what is wrong with the text, and where; an empty text clears it."""
        self.query_one(ErrorLines).show_error(text, position)
        if not text:
            self.editor.forget_error()

    def _could_be_kql(self) -> bool:
        return self.language is QueryLanguage.SQL and looks_like_kql(self.editor.text)

    def offer_kql(self, *, is_shown: bool) -> None:
        """Says that the text reads like KQL and which key changes to it, or says so no more."""
        line = self.query_one("#offer", Line)
        line.set_class(is_shown, "-shown")
        key = Piece(self.key_of("f4"), Tone.KEY)
        line.show([Piece("This reads like KQL: "), key, Piece(" changes to KQL.")] if is_shown else ())

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """An error is of the text that was asked; a changed text has none yet."""
        event.stop()
        self.show_error("", None)
        if not self._could_be_kql():
            self.offer_kql(is_shown=False)

    def on_query_editor_pasted(self, event: QueryEditor.Pasted) -> None:
        """Offers KQL where that was pasted; the language changes by a key only."""
        event.stop()
        self.offer_kql(is_shown=self._could_be_kql())

    def _complete(self, text: str, index: int) -> Completion:
        values = self._values
        if values is None:
            return Completion(index)
        found = complete(text, index, self.language, values.find)
        if found.wanted is not None:
            values.fetch(found.wanted, self.editor.offer_again)
        return found
