"""A deed that can be taken back, with a note for the others."""

from collections.abc import Sequence

from tui.screens.form import Field, Form
from tui.screens.reason_form import Reason
from tui.widgets.line import Piece


class NoteForm(Form[Reason]):
    """Gives what was noted, which may be nothing; ``effect`` says what happens then."""

    DEFAULT_CSS = "NoteForm .hint { max-height: 8; }"

    def __init__(self, title: str, effect: str, *, takes: str, hint: str = "may be empty") -> None:
        super().__init__()
        self._title = title
        self._effect = effect
        self._note_hint = hint
        self.TAKES = takes

    def title_text(self) -> str:
        """What is done."""
        return self._title

    def fields(self) -> Sequence[Field]:
        """The note."""
        return (Field("note", "Note", hint=self._note_hint),)

    def hint(self) -> None:
        """What happens then."""
        self.tell(Piece(self._effect))

    def made(self, texts: dict[str, str]) -> Reason:
        """The note."""
        return Reason(texts["note"])
