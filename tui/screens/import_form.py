"""Which list is imported, and how it is read; what it would do is shown next, before anything is done."""

from collections.abc import Sequence

from fleet.errors import BadInput
from fleet.importing.request import ImportRequest, ReadingOptions
from ops.importing.formats import FORMATS
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_FORMS = ("any", *(each.name for each in FORMATS))


class ImportForm(Form[ImportRequest]):
    """Gives the request; begins with the one that could not be read for ``reason``, if any."""

    TITLE_TEXT = "Import machines"
    TAKES = "shows what it would do"
    DEFAULT_CSS = """
    ImportForm > .box { width: 92; }
    ImportForm .hint { max-height: 7; }
    """

    def __init__(self, begun: ImportRequest | None = None, reason: str = "") -> None:
        super().__init__()
        self._begun = begun or ImportRequest("")
        self._reason = reason

    def fields(self) -> Sequence[Field]:
        """The list, its format, and what of it becomes tags."""
        begun = self._begun
        return (
            Field("path", "File or folder", begun.path, "~/.ssh/config, an Ansible inventory, a CSV …"),
            Field("format", "Format", begun.format, "empty: by its name and content", choices=_FORMS),
            Field("tags", "Tags from", " ".join(begun.options.tag_variables), "columns or variables that become tags"),
            Field("only", "Only", " ".join(begun.only), "names with * and ?; empty: all"),
            Field("source", "Called", begun.source, "empty: after its file"),
        )

    def hint(self) -> None:
        """Why it could not be read, else what comes next."""
        if self._reason:
            self.tell(Piece(self._reason, Tone.BAD))
            return
        names = ", ".join(each.name for each in FORMATS)
        self.tell(Piece("Nothing is imported yet: a preview comes first. Formats:"), Piece(names, Tone.DIM))

    def made(self, texts: dict[str, str]) -> ImportRequest:
        """The request.

        Raises:
            BadInput: no list is named, or a format that does not exist.
        """
        from ops.importing.formats import find_format

        if not texts["path"]:
            raise BadInput("Name the file or folder of the list.")
        wanted = texts["format"].lower()
        return ImportRequest(
            texts["path"],
            format="" if wanted in ("", "any") else find_format(wanted).name,
            source=texts["source"],
            options=ReadingOptions(tag_variables=tuple(texts["tags"].split())),
            only=tuple(texts["only"].split()),
        )
