"""A question that is answered by a name, with a reason for the audit."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.widgets.line import Piece


@dataclass(frozen=True, slots=True)
class Reason:
    """That it is wanted, and why; the text may be empty."""

    text: str


class ReasonForm(Form[Reason]):
    """Gives the reason once ``name`` was typed; ``effect`` says what happens then."""

    DEFAULT_CSS = "ReasonForm .hint { max-height: 10; }"

    def __init__(self, title: str, name: str, effect: str, *, takes: str) -> None:
        super().__init__()
        self._title = title
        self._called = name
        self._effect = effect
        self.TAKES = takes

    def title_text(self) -> str:
        """What is asked."""
        return self._title

    def fields(self) -> Sequence[Field]:
        """The confirmation and the reason."""
        return (
            Field("sure", "To be sure, type", hint=self._called),
            Field("reason", "Reason", hint="for the audit; may be empty"),
        )

    def hint(self) -> None:
        """What happens then."""
        self.tell(Piece(self._effect))

    def made(self, texts: dict[str, str]) -> Reason:
        """The reason.

        Raises:
            BadInput: something else than the name was typed.
        """
        if texts["sure"] != self._called:
            raise BadInput(f"Type {self._called} to go on, or press esc to leave it.")
        return Reason(texts["reason"])
