"""Saved queries in the app: kept, renamed and removed by the same functions as on the command line."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui.background import in_thread

if TYPE_CHECKING:
    from query.library import SavedQuery
    from tui.app import PatchdeckApp
    from tui.screens.asking_screen import AskingScreen


def save_text(screen: "AskingScreen") -> None:
    """Asks what the text of the editor is to be called, and keeps it; asks before it takes another one's place."""
    from tui.screens.save_query import SaveQuery

    deck, saved = screen.deck, screen.saved

    def given(header: dict[str, str] | None) -> None:
        if header is None:
            return
        name = header.pop("name")
        own = saved is not None and not saved.is_predefined and saved.name.casefold() == name.casefold()

        def look() -> bool:
            from ops.questions import saved_queries

            return any(each.name.casefold() == name.casefold() for each in saved_queries(deck.home))

        def looked(is_there: bool) -> None:
            if not is_there or own:
                _keep(screen, name, header, replace=is_there)
            else:
                _ask_to_replace(deck, name, lambda: _keep(screen, name, header, replace=True))

        in_thread(deck, look, looked, deck.complain, what="reading the saved queries")

    deck.push_screen(SaveQuery(saved), given)


def rename(deck: "PatchdeckApp", saved: "SavedQuery", then: Callable[[], None]) -> None:
    """Asks for another name for ``saved``, gives it that, and does ``then``."""
    from tui.screens.save_query import RenameQuery

    def given(name: str | None) -> None:
        if name is None or name == saved.name:
            return

        def work() -> None:
            from ops.query_files import rename_query

            rename_query(deck.home, saved.name, name)

        in_thread(deck, work, lambda _: then(), deck.complain, what="renaming a query")

    deck.push_screen(RenameQuery(saved), given)


def remove(deck: "PatchdeckApp", saved: "SavedQuery", then: Callable[[], None]) -> None:
    """Removes ``saved`` after a question, and does ``then``."""
    from tui.screens.confirm import Confirm

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            in_thread(deck, work, lambda _: then(), deck.complain, what="removing a query")

    def work() -> None:
        from ops.query_files import remove_query

        remove_query(deck.home, saved.name)

    question = Confirm(f"Remove the query {saved.name}?", "Its file goes; the audit keeps its text.", yes="remove it")
    deck.push_screen(question, answered)


def _keep(screen: "AskingScreen", name: str, header: dict[str, str], *, replace: bool) -> None:
    deck, text, language = screen.deck, screen.editor.text, screen.language

    def work() -> "SavedQuery":
        from ops.query_files import QueryDraft, save_query

        return save_query(deck.home, QueryDraft(name, text, language, header), replace=replace)

    def kept(saved: "SavedQuery") -> None:
        parameters = screen.parameters
        screen.put(saved.text, saved.language, saved)
        screen.parameters = parameters
        screen.show_title()
        deck.say(f"Saved as {saved.name}: f2 lists it, and patchdeck query --name {saved.name} asks it.")

    in_thread(deck, work, kept, screen.show_refusal, what="saving a query")


def _ask_to_replace(deck: "PatchdeckApp", name: str, then: Callable[[], None]) -> None:
    from tui.screens.confirm import Confirm

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            then()

    effect = "A query of your own is overwritten; a predefined one stays, and yours comes before it."
    deck.push_screen(Confirm(f"There is a query {name}. Take its place?", effect, yes="take its place"), answered)
