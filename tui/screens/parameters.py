"""The parameters of a saved query, asked for before it is asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.rows.result_rows import show_value
from tui.screens.form import Field, Form
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from query.library import SavedQuery


class ParametersOverlay(Form[dict[str, object]]):
    """Gives a value for each parameter of ``saved``, of its type."""

    TAKES = "asks"

    def __init__(self, saved: "SavedQuery") -> None:
        super().__init__()
        self._saved = saved

    def title_text(self) -> str:
        """What the query is called."""
        return clean(self._saved.title or self._saved.name, 60)

    def fields(self) -> Sequence[Field]:
        """One for each parameter, with its default."""
        return [
            Field(each.name, f"${each.name}", "" if each.default is None else show_value(each.default), each.meaning)
            for each in self._saved.parameters
        ]

    def hint(self) -> None:
        """What each parameter means."""
        self.tell(Piece("; ".join(f"${each.name}: {each.meaning}" for each in self._saved.parameters)))

    def made(self, texts: dict[str, str]) -> dict[str, object]:
        """The values; an empty field has its default."""
        return self._saved.values({name: text for name, text in texts.items() if text})
