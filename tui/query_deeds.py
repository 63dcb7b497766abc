"""What the query screen does beside asking: it finds, keeps, explains and exports queries."""

from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from tui.asking import Asked, Question
from tui.background import in_thread
from tui.exporting import endings
from tui.query_parameters import ask_for_parameters, parameter_names

if TYPE_CHECKING:
    from ops.asked_queries import AskedQuery
    from query.library import SavedQuery
    from tui.screens.asking_screen import AskingScreen


class QueryDeeds:
    """The deeds of one ``screen``."""

    def __init__(self, screen: "AskingScreen") -> None:
        self._screen = screen
        self._exports: list[Question] = []

    # Finding queries and names

    def pick_query(self) -> None:
        """Shows the predefined and saved queries; the chosen one is asked, after its parameters."""
        from tui.screens.saved_queries import SavedQueries

        self._screen.app.push_screen(SavedQueries(), self._query_picked)

    def _query_picked(self, picked: "tuple[SavedQuery, bool] | None") -> None:
        if picked is not None:
            saved, is_asked = picked
            self.take_query(saved, is_asked=is_asked)

    def take_query(self, saved: "SavedQuery", *, is_asked: bool) -> None:
        """Puts ``saved`` into the editor and, where it ``is_asked``, asks it after its parameters."""
        screen = self._screen
        screen.put(saved.text, saved.language, saved)
        if not is_asked:
            screen.set_focus(screen.editor)
        elif not saved.parameters:
            screen.ask_text({})
        else:
            ask_for_parameters(screen, [each.name for each in saved.parameters], self._ask_with_values)

    def _ask_with_values(self) -> None:
        self._screen.ask_text(self._screen.parameters)

    def change_parameters(self) -> None:
        """Asks the text again with other values."""
        screen = self._screen
        names = parameter_names(screen.editor.text, screen.language)
        if names:
            ask_for_parameters(screen, names, self._ask_with_values)
        else:
            screen.deck.say("The query has no parameters: write $name where a value is to be asked for.")

    def pick_asked(self) -> None:
        """Shows what was asked before; the chosen text is put into the editor with its values."""
        from tui.screens.asked_queries import AskedQueries

        def picked(asked: "AskedQuery | None") -> None:
            if asked is not None:
                self._screen.put(asked.text, asked.language)
                self._screen.parameters = dict(asked.parameters)
                self._screen.show_title()
                self._screen.set_focus(self._screen.editor)

        self._screen.app.push_screen(AskedQueries(), picked)

    def pick_name(self) -> None:
        """Shows the tables and columns; the chosen name is put into the editor."""
        from tui.screens.catalogue import CatalogueOverlay

        def picked(name: str | None) -> None:
            if name is not None:
                self._screen.editor.insert(name)
                self._screen.set_focus(self._screen.editor)

        self._screen.app.push_screen(CatalogueOverlay(), picked)

    # Explaining

    def show_sql(self) -> None:
        """Shows the SQL that the text is answered with, to be read and copied."""
        from tui.screens.full_text import FullText

        screen = self._screen
        text = screen.editor.text
        question = Question(
            screen.deck.home, Asked(text, screen.language, dict(screen.parameters), screen.deck.clock())
        )

        def show(sql: str) -> None:
            screen.app.push_screen(FullText("The query as SQL of DuckDB", sql, "sql"))

        in_thread(screen.deck, question.explain, show, screen.show_refusal, what="translating")

    # Keeping

    def remember(self, asked: Asked) -> None:
        """Keeps ``asked`` for the history."""
        from tui.rows.result_rows import show_value

        deck = self._screen.deck
        at = deck.clock()
        values = tuple((name, show_value(value)) for name, value in asked.parameters.items())

        def keep() -> None:
            from ops.asked_queries import AskedQuery, remember_query

            remember_query(deck.home, AskedQuery(at, asked.text, asked.language, values))

        in_thread(deck, keep, lambda _: None, deck.complain, what="keeping the query in the history")

    # Exporting

    def ask_for_file(self) -> None:
        """Asks for the file to write the whole answer to."""
        if self._screen.asked is None:
            self._screen.deck.say("There is no answer to export yet: f5 asks.")
        else:
            self._screen.ask(f"export to ({' '.join(endings())})", str(Path.cwd() / "answer.csv"))

    def export(self, name: str) -> None:
        """Writes the whole answer to the file called ``name``; asks before it takes the place of another one."""
        path = Path(name).expanduser()
        if not path.exists():
            self._write(path)
            return
        from tui.screens.confirm import Confirm

        def answered(is_wanted: bool | None) -> None:
            if is_wanted:
                self._write(path)

        question = Confirm(f"There is a file {path}. Take its place?", "What is in it goes.", yes="take its place")
        self._screen.app.push_screen(question, answered)

    def _write(self, path: Path) -> None:
        screen, asked = self._screen, self._screen.asked
        if asked is None:
            return
        deck = screen.deck
        question = Question(deck.home, asked)
        self._exports.append(question)
        deck.say(f"Writing {path}; esc cancels.")

        def written(told: str) -> None:
            self._exports.remove(question)
            deck.say(told)

        def failed(error: PatchdeckError) -> None:
            self._exports.remove(question)
            deck.complain(error)

        in_thread(deck, lambda: question.export(path), written, failed, what="exporting")

    def stop_exports(self) -> bool:
        """Stops what is being written to files, of which nothing stays; whether there was any."""
        for question in self._exports:
            question.cancel()
        return bool(self._exports)
