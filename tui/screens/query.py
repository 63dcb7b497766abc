"""Asking the tables in SQL or KQL: the keys of the screen, and what they lead to."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from query.language import QueryLanguage
from tui.editing import edit_text
from tui.saving import save_text
from tui.screens.answer_pane import AnswerPane
from tui.screens.asking_screen import AskingScreen
from tui.widgets.prompt import Prompt
from tui.widgets.query_editor import QueryEditor


class QueryScreen(AskingScreen):
    """The editor, the answer, and the ways to queries and on from answers."""

    crumb = "Query"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5,ctrl+r,ctrl+enter", "run", "run", priority=True, tooltip="Ask the selection, else the whole text"),
        Binding("f2", "pick_query", "queries", tooltip="The predefined and saved queries"),
        Binding("f3", "pick_name", "tables", tooltip="The tables and columns, with what they mean"),
        Binding("f4", "switch_language", "SQL/KQL", tooltip="Change between SQL and KQL"),
        Binding("f8", "pick_asked", "history", tooltip="What you asked before, to ask it again"),
        Binding("ctrl+e", "export", "export", priority=True, tooltip="Write the whole answer to a file"),
        Binding("f6", "switch_pane", "pane", priority=True, tooltip="Between editor and answer"),
        Binding("ctrl+s", "save", "save", priority=True, tooltip="Save the text as a query under a name"),
        Binding("f9", "show_sql", "as SQL", priority=True, show=False, tooltip="The SQL that KQL is answered with"),
        Binding(
            "ctrl+t", "run_statement", "statement", priority=True, show=False, tooltip="Ask the statement at the cursor"
        ),
        Binding("ctrl+g", "go_to_error", "error", priority=True, show=False, tooltip="Go to the place of the error"),
        Binding(
            "ctrl+o", "edit", "editor", priority=True, show=False, tooltip="Go on writing in $EDITOR, and come back"
        ),
        Binding("p", "parameters", "values", show=False, tooltip="Ask again with other values of the parameters"),
    ]

    def parts_with_keys(self) -> Sequence[tuple[str, type]]:
        """The editor and the answer."""
        return ("In the editor", QueryEditor), ("In the answer", AnswerPane)

    def on_descendant_focus(self) -> None:
        """Shows in the title how the text begins, while the editor leaves its lines to the answer."""
        self.show_title()

    def instant_changed(self) -> None:
        """Says from which state queries are answered now, and of which other one an answer is that stands there."""
        if self.is_up:
            self.show_title()
            self.pane.show_title()

    def action_back(self) -> None:
        """Cancels, or leaves the editor for the answer, where letters are keys, or clears its filter."""
        if self.cancel():
            return
        if self.editor.has_focus:
            self.set_focus(self.pane.content)
        elif self.pane.shows_chart:
            self.pane.show_chart(is_shown=False)
        elif self.pane.table.filter_text:
            self.pane.table.set_filter("")
        else:
            super().action_back()

    def action_switch_pane(self) -> None:
        """Goes to the other pane."""
        self.set_focus(self.editor if self.pane.content.has_focus else self.pane.content)

    def action_switch_language(self) -> None:
        """Changes between SQL and KQL; the text stays as it is, unless it is the example: that is there in both."""
        other = QueryLanguage.KQL if self.language is QueryLanguage.SQL else QueryLanguage.SQL
        if self.holds_first_text:
            self.put_first_text(other)
        else:
            self.use_language(other)
        self.show_error("", None)
        self.offer_kql(is_shown=False)
        self.show_title()

    def action_go_to_error(self) -> None:
        """Goes to the place of the error."""
        if self.editor.go_to_error():
            self.set_focus(self.editor)
        else:
            self.deck.say("There is no error with a place in the text.")

    def action_export(self) -> None:
        """Asks for the file to write the answer to."""
        self.deeds.ask_for_file()

    def action_save(self) -> None:
        """Asks for the name to save the text under."""
        self.behind_keys(lambda: save_text(self))

    def action_edit(self) -> None:
        """Opens the text in $EDITOR."""
        self.behind_keys(lambda: edit_text(self))

    def action_show_sql(self) -> None:
        """Shows the SQL of the text."""
        self.behind_keys(self.deeds.show_sql)

    def action_pick_query(self) -> None:
        """Shows the predefined and saved queries."""
        self.deeds.pick_query()

    def action_pick_asked(self) -> None:
        """Shows what was asked before."""
        self.deeds.pick_asked()

    def action_pick_name(self) -> None:
        """Shows the tables and columns; the chosen name is put into the editor."""
        self.deeds.pick_name()

    def action_parameters(self) -> None:
        """Asks again with other values."""
        self.deeds.change_parameters()

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        if event.kind == "/":
            self.pane.table.set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Filters, or exports where it was a file that was asked for."""
        if event.kind == "/":
            self.pane.table.set_filter(event.text)
        elif event.kind.startswith("export") and event.text.strip():
            self.deeds.export(event.text.strip())

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Takes back the filter that was being typed."""
        if event.kind == "/":
            self.pane.table.set_filter("")
