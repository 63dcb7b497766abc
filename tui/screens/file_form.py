"""Asking for the name of a file to write."""

from collections.abc import Sequence
from pathlib import Path

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.widgets.line import Piece


class FileForm(Form[Path]):
    """Gives the path that was typed, beginning with ``proposal``; a file that is there is replaced."""

    TAKES = "writes it"

    def __init__(self, title: str, proposal: str, meaning: str) -> None:
        super().__init__()
        self._title = title
        self._proposal = proposal
        self._meaning = meaning

    def title_text(self) -> str:
        """What is written."""
        return self._title

    def fields(self) -> Sequence[Field]:
        """The file."""
        return (Field("path", "File", self._proposal, "relative to where Patchdeck was started"),)

    def hint(self) -> None:
        """What will be in it, and where it lies."""
        self.tell(Piece(f"{self._meaning} Written on the machine that Patchdeck runs on, in {Path.cwd()} by default."))

    def made(self, texts: dict[str, str]) -> Path:
        """The path.

        Raises:
            BadInput: none was given.
        """
        if not texts["path"]:
            raise BadInput("Give the file a name.")
        return Path(texts["path"]).expanduser()
