"""The values of a text's ``$name`` parameters: asked for where they are missing, in a form."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from query.completion.tokens import Kind, tokenize
from query.language import QueryLanguage

if TYPE_CHECKING:
    from query.header import QueryParameter
    from query.library import SavedQuery
    from tui.screens.asking_screen import AskingScreen

# The two sides of a join in KQL.
_SIDES = ("$left", "$right")


def parameter_names(text: str, language: QueryLanguage) -> list[str]:
    """The names behind ``$`` in ``text``, each once, in the order in which they come."""
    words = [token.text for token in tokenize(text, language) if token.kind is Kind.WORD]
    found = (word[1:] for word in words if word.startswith("$") and word.casefold() not in _SIDES)
    return list(dict.fromkeys(found))


def ask_for_parameters(screen: "AskingScreen", names: Sequence[str], then: Callable[[], None]) -> None:
    """Asks for values of ``names`` in a form, puts them on ``screen`` and does ``then``."""
    from tui.screens.parameters import ParametersOverlay

    def given(values: dict[str, object] | None) -> None:
        if values is not None:
            screen.parameters = values
            screen.show_title()
            then()

    saved = described(screen.saved, screen.editor.text, names, screen.language)
    screen.app.push_screen(ParametersOverlay(saved, screen.parameters), given)


def described(saved: "SavedQuery | None", text: str, names: Sequence[str], language: QueryLanguage) -> "SavedQuery":
    """``saved`` where it declares all of ``names``; else a query made of ``text``, of texts or numbers.

    A header in the text counts too, so that a query can be tried before it is saved.
    """
    from query.header import Header, parse_header
    from query.library import SavedQuery

    if saved is not None and {each.name for each in saved.parameters} >= set(names):
        return saved
    try:
        header = parse_header(text, language)
    except BadInput:
        header = Header()
    declared = {each.name: each for each in header.parameters}
    parameters = tuple(declared.get(name) or _free(name) for name in names)
    columns = tuple(header.columns)
    return SavedQuery("", header.title or "Values", "", "", parameters, columns, text, False, Path(), "", language)


def typed(values: Mapping[str, object], parameters: "Sequence[QueryParameter]") -> dict[str, object]:
    """``values``, whole numbers as such where nothing says of which type a parameter is."""
    free = {each.name for each in parameters if not each.meaning}
    return {
        name: int(value) if name in free and isinstance(value, str) and value.lstrip("-").isdecimal() else value
        for name, value in values.items()
    }


def _free(name: str) -> "QueryParameter":
    from fleet.tables import ColumnType
    from query.header import QueryParameter

    return QueryParameter(name, ColumnType.STRING, "")
