"""The parameters of a saved query, asked for before it is asked."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.query_parameters import typed
from tui.rows.result_rows import show_value
from tui.screens.form import Field, Form
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from query.header import QueryParameter
    from query.library import SavedQuery


_MOST_OF_NAME = 40


class ParametersOverlay(Form[dict[str, object]]):
    """Gives a value for each parameter of ``saved``, of its type; ``check`` raises where one cannot be meant."""

    TAKES = "asks"

    def __init__(
        self,
        saved: "SavedQuery",
        given: Mapping[str, object] = MappingProxyType({}),
        *,
        check: Callable[[Mapping[str, object]], object] = lambda _: None,
    ) -> None:
        super().__init__()
        self._saved = saved
        self._given = given
        self._check = check

    def title_text(self) -> str:
        """What the query is called."""
        return clean(self._saved.title or self._saved.name, 60)

    def fields(self) -> Sequence[Field]:
        """One for each parameter, with the value that was given before, else its default."""
        return [self._field(each) for each in self._saved.parameters]

    def _field(self, parameter: "QueryParameter") -> Field:
        value = self._given.get(parameter.name, parameter.default)
        return Field(
            parameter.name,
            f"${clean(parameter.name, _MOST_OF_NAME)}",
            "" if value is None else show_value(value),
            clean(parameter.meaning, 60),
            tuple(show_value(choice) for choice in parameter.choices),
        )

    def hint(self) -> None:
        """What each parameter means, of which type it is, and which values it takes."""
        self.tell(Piece("; ".join(_describe(each) for each in self._saved.parameters)))

    def made(self, texts: dict[str, str]) -> dict[str, object]:
        """The values; an empty field has its default."""
        values = self._saved.values({name: text for name, text in texts.items() if text})
        made = typed(values, self._saved.parameters)
        self._check(made)
        return made


def _describe(parameter: "QueryParameter") -> str:
    if not parameter.meaning:
        return f"${clean(parameter.name, _MOST_OF_NAME)}: a text, or a whole number"
    choices = f", one of {', '.join(show_value(each) for each in parameter.choices)}" if parameter.choices else ""
    return f"${clean(parameter.name, _MOST_OF_NAME)} ({parameter.type}): {parameter.meaning}{choices}"
