"""Which list is imported, and how it is read; what it would do is shown next, before anything is done."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fleet.errors import BadInput
from fleet.importing.request import ImportRequest
from fleet.importing.source import Following, NewMachines, parse_minutes, parse_new_machines
from ops.importing.formats import FORMATS
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_FORMS = ("any", *(each.name for each in FORMATS))


@dataclass(frozen=True, slots=True)
class WantedList:
    """A list that is to be imported, and how it is followed from then on; None: it is taken once."""

    request: ImportRequest
    following: Following | None = None


def follow_fields(following: Following | None, once: str) -> tuple[Field, Field]:
    """The fields that say how a list is followed. ``once`` says what it means that the first is empty."""
    every = str(following.every_minutes) if following else ""
    new = following.new_machines.value if following else ""
    ways = tuple(each.value for each in NewMachines)
    return (
        Field("every", "Read again every", every, f"minutes, such as 60; empty: {once}"),
        Field("new", "New ones later", new, "enrol; or propose: they wait for a decision", choices=ways),
    )


def following_of(texts: dict[str, str]) -> Following | None:
    """How the list is followed, of what stands in `follow_fields`; None: it is not.

    Raises:
        BadInput: that is no number of minutes, or no way for new machines.
    """
    new_machines = parse_new_machines(texts["new"].lower())
    if texts["new"] and not texts["every"]:
        raise BadInput("What becomes of new ones later goes with how often it is read: say that too.")
    return Following(parse_minutes(texts["every"]), new_machines) if texts["every"] else None


class ImportForm(Form[WantedList]):
    """Gives the list; begins with the one that could not be read for ``reason``, if any."""

    TITLE_TEXT = "Import machines"
    TAKES = "shows what it would do"
    DEFAULT_CSS = """
    ImportForm > .box { width: 92; }
    ImportForm .hint { max-height: 7; }
    """

    def __init__(self, begun: WantedList | None = None, reason: str = "") -> None:
        super().__init__(reason)
        self._begun = begun or WantedList(ImportRequest(""))

    def fields(self) -> Sequence[Field]:
        """The list, its format, what of it becomes tags, and whether it is followed."""
        begun = self._begun.request
        return (
            Field("path", "File or folder", begun.path, "~/.ssh/config, an Ansible inventory, a CSV …"),
            Field("format", "Format", begun.format, "empty: by its name and content", choices=_FORMS),
            Field("tags", "Tags from", " ".join(begun.options.tag_variables), "columns or variables that become tags"),
            Field("only", "Only", " ".join(begun.only), "names with * and ?; empty: all"),
            Field("source", "Called", begun.source, "empty: after its file"),
            *follow_fields(self._begun.following, "taken once"),
        )

    def hint(self) -> None:
        """What comes next."""
        names = ", ".join(each.name for each in FORMATS)
        self.tell(Piece("Nothing is imported yet: a preview comes first. Formats:"), Piece(names, Tone.DIM))

    def made(self, texts: dict[str, str]) -> WantedList:
        """The list.

        Raises:
            BadInput: no list is named, a format that does not exist, or it cannot be followed so.
        """
        from ops.importing.formats import find_format

        if not texts["path"]:
            raise BadInput("Name the file or folder of the list.")
        wanted = texts["format"].lower()
        request = replace(
            self._begun.request,
            path=texts["path"],
            format="" if wanted in ("", "any") else find_format(wanted).name,
            source=texts["source"],
            options=replace(self._begun.request.options, tag_variables=tuple(texts["tags"].split())),
            only=tuple(texts["only"].split()),
        )
        return WantedList(request, following_of(texts))
