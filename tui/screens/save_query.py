"""Keeping the text of the editor as a saved query: under which name, called what."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from query.library import SavedQuery


class SaveQuery(Form[dict[str, str]]):
    """Gives name, title, group and help; ``saved`` is the query that the text was before, None for a new one."""

    TITLE_TEXT = "Save the query"
    TAKES = "saves it"

    def __init__(self, saved: "SavedQuery | None") -> None:
        super().__init__()
        self._saved = saved

    def fields(self) -> Sequence[Field]:
        """The name, and what the header says beside it."""
        saved = self._saved
        name = saved.name if saved is not None and not saved.is_predefined else ""
        return (
            Field("name", "Name", name, "failed-reboots: letters, digits, - and _"),
            Field("title", "Title", saved.title if saved else "", "what it answers, in a line"),
            Field("group", "Group", saved.group if saved else "", "where the list of queries shows it"),
            Field("help", "Help", saved.help if saved else "", "what its rows are"),
        )

    def hint(self) -> None:
        """Where it goes."""
        self.tell(
            Piece("It becomes a file in the home's folder queries, with a header. It is tried before it is kept.")
        )

    def made(self, texts: dict[str, str]) -> dict[str, str]:
        """What was typed.

        Raises:
            BadInput: there is no name.
        """
        if not texts["name"]:
            raise BadInput("Give it a name: f2 finds it by that, and so does patchdeck query --name.")
        return texts


class RenameQuery(Form[str]):
    """Gives the new name of ``saved``."""

    TITLE_TEXT = "Rename the query"
    TAKES = "renames it"

    def __init__(self, saved: "SavedQuery") -> None:
        super().__init__()
        self._saved = saved

    def fields(self) -> Sequence[Field]:
        """The name."""
        return (Field("name", "Name", self._saved.name),)

    def hint(self) -> None:
        """What else names it."""
        self.tell(Piece("Scripts that ask it by its old name will not find it.", Tone.PENDING))

    def made(self, texts: dict[str, str]) -> str:
        """The name.

        Raises:
            BadInput: there is none.
        """
        if not texts["name"]:
            raise BadInput("A query needs a name.")
        return texts["name"]
