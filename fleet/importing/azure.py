"""Machines as Azure exports them: the lists of Update Management, of Update Manager and of the portal, and answers of
log queries and Resource Graph, all as CSV.

Headings differ by page, year and language of the columns' names in queries; what is common is used: a name, a system,
tags, and where the machine lies. None of them has what SSH needs beyond a name or an address.
"""

import re
from collections.abc import Iterator, Sequence

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.columns import find_heading
from fleet.importing.fields import usable_tags
from fleet.importing.heading_words import word_of
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedMachine, MachineList, Place
from fleet.importing.request import ReadingOptions
from fleet.importing.table import Table, TableRow, read_table, separator_of
from fleet.importing.words import parse_os_type, parse_tag_cell
from fleet.machines import OSType

FORMAT = "azure"

# Headings without blanks and signs. Those of one row mean the same; the first that is there is it.
_NAMES = ("machinename", "computer", "computername", "vmname", "name", "resourcename", "displayname")
_ADDRESSES = (
    *("privateipaddress", "privateip", "computerip", "ipaddress", "privateips", "primaryprivateip", "publicipaddress"),
    *("publicip", "fqdn", "dnsname", "machinefqdn", "computerfqdn"),
)
_SYSTEMS = ("ostype", "operatingsystem", "platform", "os", "osname", "osfamily", "osfullname", "osversion")
_IDENTITIES = ("sourcecomputerid", "vmuuid", "resourceid", "id")
_TYPES = ("resourcetype", "type")
_TAGS = ("tags", "tag")
_PLACES = (
    ("azure-resource-group", ("resourcegroup", "resourcegroupname")),
    ("azure-subscription", ("subscription", "subscriptionname", "subscriptionid")),
    ("azure-location", ("location", "region", "azureregion")),
)
# Only Azure's lists have them.
_SIGNS = frozenset(
    {
        *("resourceid", "sourcecomputerid", "computerenvironment", "subscription", "subscriptionid", "resourcegroup"),
        *("updateagentreadiness", "patchorchestration", "periodicassessment", "associatedschedules", "updatestatus"),
    }
)
_RESOURCE = re.compile(r"/subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)/", re.IGNORECASE)
# "TimeGenerated [UTC]": queries add the zone of the time.
_ZONE = re.compile(r"\s*\[[^\]]*\]$")


def fits(_path: str, sample: str) -> bool:
    """Whether its heading has what only Azure's lists have, and a name."""
    lines = [line for line in sample.splitlines() if line.strip()]
    if not lines:
        return False
    words = {word_of(_ZONE.sub("", cell)) for cell in lines[0].split(separator_of(sample))}
    return bool(words & _SIGNS) and bool(words & {*_NAMES})


def read(path: str, files: ListFiles, options: ReadingOptions) -> MachineList:
    """The machines of the export at ``path``; a machine that has several rows is taken from the first.

    Raises:
        BadInput: it cannot be read, or has no column of names.
    """
    table = read_table(path, files.read(path))
    export = _Export(table, options)
    builder = ListBuilder(path, FORMAT)
    seen: set[tuple[str, str]] = set()
    repeated = 0
    for row in table.rows:
        key = (export.name(row).casefold(), export.identity(row).casefold())
        if key in seen and key[0]:
            repeated += 1
            continue
        seen.add(key)
        try:
            builder.machines.append(export.machine(row))
        except BadInput as error:
            builder.refuse(export.name(row), row.place, str(error))
    for broken in table.broken:
        builder.refuse(export.name(broken.row), broken.row.place, broken.reason)
    if repeated:
        builder.note(Place(path), f"{repeated:,} more rows of machines that were named before were passed over")
    return builder.done()


class _Export:
    """An export, with its columns found."""

    def __init__(self, table: Table, options: ReadingOptions) -> None:
        headings = [_ZONE.sub("", heading) for heading in table.headings]
        asked = dict(options.columns)
        self._name = _column(headings, (asked["name"],) if "name" in asked else _NAMES)
        if self._name is None:
            raise BadInput(f"{table.rows[0].place.file if table.rows else ''}: no column holds the names of machines.")
        self._address = _column(headings, (asked["address"],) if "address" in asked else _ADDRESSES)
        self._systems = [index for word in _SYSTEMS if (index := _column(headings, (word,))) is not None]
        self._identities = [index for word in _IDENTITIES if (index := _column(headings, (word,))) is not None]
        self._type = _column(headings, _TYPES)
        self._tags = _column(headings, _TAGS)
        self._places = [(key, index) for key, words in _PLACES if (index := _column(headings, words)) is not None]
        self._variables = [(name, _asked(headings, name)) for name in options.tag_variables]

    def name(self, row: TableRow) -> str:
        """The name of the machine, whole as it stands there."""
        return _cell(row, self._name)

    def identity(self, row: TableRow) -> str:
        """What tells the machine from others of its name."""
        return next((text for index in self._identities if (text := _cell(row, index))), "")

    def machine(self, row: TableRow) -> ListedMachine:
        """The machine of a row.

        Raises:
            BadInput: it has no name, is something else than a machine, or its tags cannot be read.
        """
        name = self.name(row)
        if not name:
            raise BadInput("it has no name")
        kind = _cell(row, self._type)
        if not _is_machine(kind):
            raise BadInput(f"it is no machine but of the type {clean(kind, 80)!r}")
        tags, notes = usable_tags([*self._places_of(row), *_azure_tags(_cell(row, self._tags)), *self._chosen(row)])
        return ListedMachine(
            name,
            row.place,
            address=_first_address(_cell(row, self._address)),
            os_type=self._os_type(row),
            tags=tags,
            notes=notes,
        )

    def _os_type(self, row: TableRow) -> OSType | None:
        return next((found for index in self._systems if (found := parse_os_type(_cell(row, index)))), None)

    def _places_of(self, row: TableRow) -> Iterator[tuple[str, str]]:
        said = {key: _cell(row, index) for key, index in self._places}
        for match in filter(None, (_RESOURCE.match(_cell(row, index)) for index in self._identities)):
            said.setdefault("azure-resource-group", match["group"])
            said.setdefault("azure-subscription", match["subscription"])
        yield from ((key, value) for key, value in said.items() if value)

    def _chosen(self, row: TableRow) -> Iterator[tuple[str, str]]:
        yield from ((name, value) for name, index in self._variables if (value := _cell(row, index)))


def _column(headings: Sequence[str], words: Sequence[str]) -> int | None:
    return next((index for word in words if (index := find_heading(word, headings)) is not None), None)


def _asked(headings: Sequence[str], name: str) -> int:
    index = find_heading(name, headings)
    if index is None:
        raise BadInput(f"there is no column {clean(name, 80)!r} to make a tag of.")
    return index


def _cell(row: TableRow, index: int | None) -> str:
    text = row.cells[index] if index is not None and index < len(row.cells) else ""
    return "" if text in ("-", "--", "N/A", "null") else text


def _is_machine(kind: str) -> bool:
    """Whether a type of resources is one of machines: virtual ones, or servers with Azure Arc."""
    word = kind.casefold()
    return "/" not in word or word.endswith(("machines", "machines/instances"))


def _first_address(text: str) -> str | None:
    """The first of several addresses; lists are written in several ways."""
    return next(iter(re.findall(r"[^\s,;\[\]\"']+", text)), None)


def _azure_tags(text: str) -> Iterator[tuple[str, str]]:
    """Tags as JSON, or as the portal writes them: ``env : prod, role : web``."""
    if text and text not in ("{}", "No tags"):
        yield from parse_tag_cell(text)
