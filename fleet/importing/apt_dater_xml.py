"""apt-dater's hosts.xml: what a host does not say, its group says, and what that does not, the defaults say."""

from collections.abc import Mapping
from xml.parsers import expat

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.fields import parse_port
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedGroup, ListedMachine, MachineList, Place

_MOST_INCLUDES = 8
_SSH_TYPES = ("generic-ssh", "ssh", "")


def read_xml(path: str, files: ListFiles, format_name: str) -> MachineList:
    """The machines of the document at ``path`` and of those that it includes.

    Raises:
        BadInput: it is not well-formed, declares entities, or includes itself; says where.
    """
    builder = ListBuilder(path, format_name)
    reader = _Reader(files, builder)
    reader.read(path, 0)
    builder.add_groups(ListedGroup(name, place, tuple(names)) for name, (place, names) in reader.members.items())
    return builder.done()


class _Reader:
    def __init__(self, files: ListFiles, builder: ListBuilder) -> None:
        self._files = files
        self._builder = builder
        self._defaults: dict[str, str] = {}
        self._groups: list[dict[str, str]] = []
        self._seen: dict[str, ListedMachine] = {}
        self.members: dict[str, tuple[Place, list[str]]] = {}

    def read(self, path: str, depth: int) -> None:
        """Read one document; depth counts how many include it."""
        if depth > _MOST_INCLUDES:
            raise BadInput(f"{path}: more than {_MOST_INCLUDES} documents include each other.")
        text = self._files.read(path)
        parser = expat.ParserCreate()

        def start(name: str, attributes: dict[str, str]) -> None:
            self._start(name, attributes, Place(path, parser.CurrentLineNumber), depth)

        def refuse_entity(*_: object) -> None:
            raise BadInput(f"{path}:{parser.CurrentLineNumber}: documents that declare entities are not read.")

        parser.StartElementHandler = start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = refuse_entity
        try:
            # As bytes: what the declaration says of an encoding was true of the file, and is not of its text.
            parser.Parse(_without_declaration(text).encode(), True)
        except expat.ExpatError as error:
            raise BadInput(
                f"{path}:{error.lineno}: this is not well-formed: {expat.ErrorString(error.code)}."
            ) from error

    def _start(self, name: str, attributes: dict[str, str], place: Place, depth: int) -> None:
        kind = name.rpartition(":")[2]
        if kind == "default":
            self._defaults |= attributes
        elif kind == "group":
            self._groups.append(attributes)
            self.members.setdefault(attributes.get("name", ""), (place, []))
        elif kind == "host":
            self._host(attributes, place)
        elif kind == "include":
            self._include(attributes.get("href", ""), place, depth)

    def _end(self, name: str) -> None:
        if name.rpartition(":")[2] == "group":
            self._groups.pop()

    def _include(self, href: str, place: Place, depth: int) -> None:
        folder = place.file.rpartition("/")[0]
        path = href if href.startswith("/") else f"{folder}/{href}" if folder else href
        if not href or "://" in href:
            self._builder.note(place, f"{clean(href, 100) or 'nothing'} is not included: only files are")
        else:
            self.read(path, depth + 1)

    def _host(self, attributes: dict[str, str], place: Place) -> None:
        group = self._groups[-1] if self._groups else {}
        said: Mapping[str, str] = {**self._defaults, **group, **attributes}
        name = attributes.get("name", "")
        if said.get("type", "") not in _SSH_TYPES:
            self._builder.refuse(name, place, f"its type {clean(said['type'], 40)!r} is not SSH")
            return
        if group.get("name"):
            self.members[group["name"]][1].append(name)
        try:
            machine = _machine(name, said, place)
        except BadInput as error:
            self._builder.refuse(name, place, str(error))
            return
        if name.casefold() not in self._seen:  # a host may be in several groups
            self._seen[name.casefold()] = machine
            self._builder.machines.append(machine)


def _machine(name: str, said: Mapping[str, str], place: Place) -> ListedMachine:
    if not name:
        raise BadInput("it has no name")
    port = said.get("ssh-port", "")
    return ListedMachine(
        name,
        place,
        address=said.get("ssh-host") or None,
        port=parse_port(port) if port else None,
        user=said.get("ssh-user") or None,
        key_file=said.get("ssh-id") or None,
    )


def _without_declaration(text: str) -> str:
    """``text`` with blanks in the place of its XML declaration, so that lines and columns stay."""
    if not text.startswith("<?xml"):
        return text
    end = text.find("?>") + 2
    return "".join("\n" if character == "\n" else " " for character in text[:end]).lstrip(" ") + text[end:]
