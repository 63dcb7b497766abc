"""apt-dater's hosts: ``hosts.conf`` up to 0.9, ``hosts.xml`` since 1.0. Its groups become groups.

Source: conf/hosts.conf.example and conf/hosts.xml of apt-dater 0.8 and 1.0.4, apt-dater.xml(5).
"""

import re

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.apt_dater_xml import read_xml
from fleet.importing.fields import parse_port
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedGroup, ListedMachine, MachineList, Place
from fleet.importing.request import ReadingOptions

FORMAT = "apt-dater"
_SECTION = re.compile(r"\[([^\]]+)\]")
_HOSTS = re.compile(r"hosts\s*=(.*)", re.IGNORECASE)
_HOST = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>\[[^\]]+\]|[^:\s]+)(?::(?P<port>[^:\s]+))?")


def fits(_path: str, sample: str) -> bool:
    """Whether it is XML of hosts, or sections with a line of hosts each."""
    begin = re.sub(r"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>", "", sample, flags=re.DOTALL).lstrip()
    if begin.startswith("<"):
        return begin.startswith("<hosts")
    return bool(re.search(r"^\[[^\]]+\]\s*$", sample, re.MULTILINE)) and bool(
        re.search(r"^hosts\s*=", sample, re.MULTILINE | re.IGNORECASE)
    )


def read(path: str, files: ListFiles, _options: ReadingOptions) -> MachineList:
    """The machines of apt-dater's hosts at ``path``.

    Raises:
        BadInput: it cannot be read; says where.
    """
    text = files.read(path)
    if text.lstrip().startswith("<"):
        return read_xml(path, files, FORMAT)
    builder = ListBuilder(path, FORMAT)
    section = ""
    members: dict[str, tuple[Place, list[str]]] = {}
    for number, line in _joined(text):
        place = Place(path, number)
        if match := _SECTION.fullmatch(line):
            section = match[1].strip()
            members.setdefault(section, (place, []))
        elif (match := _HOSTS.fullmatch(line)) and section:
            members[section][1].extend(_read_hosts(match[1], place, builder))
        else:
            builder.note(place, f"this line is not understood: {clean(line, 80)}")
    builder.add_groups(ListedGroup(name, place, tuple(names)) for name, (place, names) in members.items())
    return builder.done()


def _joined(text: str) -> list[tuple[int, str]]:
    """Lines that are no comments, with their numbers."""
    lines = ((number, line.strip()) for number, line in enumerate(text.split("\n"), start=1))
    return [(number, line) for number, line in lines if line and not line.startswith(("#", "//"))]


def _read_hosts(text: str, place: Place, builder: ListBuilder) -> list[str]:
    names = []
    known = {machine.name.casefold() for machine in builder.machines}
    for part in filter(None, map(str.strip, text.split(";"))):
        match = _HOST.fullmatch(part)
        if match is None:
            builder.refuse(part, place, "it is malformed: expected user@host:port")
            continue
        try:
            port = parse_port(match["port"]) if match["port"] else None
        except BadInput as error:
            builder.refuse(match["host"], place, str(error))
            continue
        name = match["host"].strip("[]")
        names.append(name)
        if name.casefold() not in known:  # a host may be in several groups
            builder.machines.append(ListedMachine(name, place, user=match["user"], port=port))
            known.add(name.casefold())
    return names
