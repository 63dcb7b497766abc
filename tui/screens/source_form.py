"""How a list is followed: where it lies, how often it is read, and what of it is wanted."""

from collections.abc import Sequence
from dataclasses import replace

from fleet.errors import BadInput
from fleet.importing.source import Source
from tui.screens.form import Field, Form
from tui.screens.import_form import follow_fields, following_of
from tui.widgets.line import Piece


class SourceForm(Form[Source]):
    """Gives ``source`` as it is to be; what was refused for ``reason`` is asked again."""

    TAKES = "keeps it"

    def __init__(self, source: Source, reason: str = "") -> None:
        super().__init__(reason)
        self._source = source

    def title_text(self) -> str:
        """Which list it is."""
        return f"List {self._source.name}"

    def fields(self) -> Sequence[Field]:
        """Where it lies, what of it is wanted, and how it is followed."""
        request = self._source.request
        return (
            Field("path", "File or folder", request.path),
            Field("only", "Only", " ".join(request.only), "names with * and ?; empty: all"),
            Field("excluded", "Not", " ".join(request.excluded), "names with * and ?"),
            *follow_fields(self._source.following if self._source.followed else None, "not followed"),
        )

    def hint(self) -> None:
        """What comes of it."""
        self.tell(Piece("Machines stay as they are until it is read again."))

    def made(self, texts: dict[str, str]) -> Source:
        """The source.

        Raises:
            BadInput: no list is named, or it cannot be followed so.
        """
        if not texts["path"]:
            raise BadInput("Name the file or folder of the list.")
        only, excluded = tuple(texts["only"].split()), tuple(texts["excluded"].split())
        request = replace(self._source.request, path=texts["path"], only=only, excluded=excluded)
        following = following_of(texts)
        kept = following or self._source.following
        return replace(self._source, request=request, followed=following is not None, following=kept)
