"""Asking for a secret: without echo, and where it is kept from then on, twice."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Horizontal

from collectors.secrets import Secret
from fleet.errors import BadInput
from tui.screens.form import Form
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.secret_input import SecretInput

_MOST_CHARACTERS = 4096


class SecretForm(Form[Secret]):
    """Gives the secret that was typed. ``repeats``: a slip would not be noticed otherwise, so it is typed twice."""

    TAKES = "takes it"
    DEFAULT_CSS = "SecretForm .field > Line { width: 14; }"

    def __init__(self, title: str, meaning: str, *, repeats: bool) -> None:
        super().__init__()
        self._title = title
        self._meaning = meaning
        self._names = ("secret", "again") if repeats else ("secret",)

    def title_text(self) -> str:
        """What is asked for."""
        return self._title

    def content(self) -> ComposeResult:
        """The fields, which show bullets."""
        for name in self._names:
            with Horizontal(classes="field"):
                yield Line(id=f"label-{name}")
                yield SecretInput(id=f"field-{name}")
        yield Detail(classes="hint")
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Shows the labels."""
        for name, label in zip(self._names, ("Secret", "Once more"), strict=False):
            self.query_one(f"#label-{name}", Line).show([Piece(label, Tone.DIM)])

    def hint(self) -> None:
        """What it is for."""
        self.tell(Piece(self._meaning, Tone.DIM))

    def texts(self) -> dict[str, str]:
        """Nothing: a secret is not passed around as a text."""
        return {}

    def made(self, texts: dict[str, str]) -> Secret:
        """The secret, exactly as it was typed.

        Raises:
            BadInput: nothing was typed, too much, or not the same twice.
        """
        del texts
        typed = [self.query_one(f"#field-{name}", SecretInput).value for name in self._names]
        if not typed[0]:
            raise BadInput("Nothing was typed; esc leaves everything as it is.")
        if len(typed[0]) > _MOST_CHARACTERS:
            raise BadInput(f"That is longer than {_MOST_CHARACTERS:,} characters: not a password.")
        if len(set(typed)) > 1:
            raise BadInput("The two are not the same: type it again.")
        return Secret(typed[0])

    def keys(self) -> Sequence[Piece]:
        """As every form; nothing is shown of what is typed."""
        return (*super().keys(), Piece("  nothing of it is shown", Tone.DIM))
