"""A question that is answered by a name: what it does cannot be done by one key."""

from collections.abc import Sequence

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece


class NameForm(Form[bool]):
    """Gives True once ``name`` was typed: a name, or how many things are meant. ``effect`` says what happens then."""

    DEFAULT_CSS = "NameForm .hint { max-height: 10; }"

    def __init__(self, title: str, name: str, effect: str, *, takes: str, warning: str = "") -> None:
        super().__init__()
        self._title = title
        self._called = name
        self._effect = effect
        self._warning = warning
        self.TAKES = takes

    def title_text(self) -> str:
        """What is asked."""
        return self._title

    def fields(self) -> Sequence[Field]:
        """The confirmation."""
        return (Field("sure", "To be sure, type", hint=self._called),)

    def hint(self) -> None:
        """What happens then."""
        self.tell(Piece(self._effect), *([Piece(self._warning, Tone.PENDING)] if self._warning else []))

    def made(self, texts: dict[str, str]) -> bool:
        """True.

        Raises:
            BadInput: something else was typed.
        """
        if texts["sure"] != self._called:
            raise BadInput(f"Type {self._called} to go on, or press esc to leave it.")
        return True
