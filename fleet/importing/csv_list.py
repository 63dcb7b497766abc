"""Machines in a table of text: a row each, under a heading whose words are taken as people write them."""

from collections.abc import Iterator

from fleet.errors import BadInput
from fleet.importing.columns import HEADINGS, Columns, find_columns
from fleet.importing.fields import is_secret, parse_port, usable_tags
from fleet.importing.heading_words import word_of
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, ListedGroup, ListedMachine, MachineList, Place
from fleet.importing.request import ReadingOptions
from fleet.importing.table import TableRow, read_table, separator_of
from fleet.importing.words import (
    parse_become,
    parse_flag,
    parse_os_type,
    parse_scheme,
    parse_tag_cell,
    parse_transport,
    parse_winrm_kind,
)
from fleet.machines import TransportKind
from fleet.name_lists import some_of
from fleet.winrm import HTTP_PORT, HTTPS_PORT, WinrmScheme

FORMAT = "csv"


def fits(path: str, sample: str) -> bool:
    """Whether it is called a table, or its first line is a heading that names machines."""
    if path.casefold().endswith((".csv", ".tsv")):
        return True
    lines = (line for line in sample.splitlines() if line.strip() and not line.startswith("#"))
    cells = next(lines, "").split(separator_of(sample))
    return any(word_of(cell) in HEADINGS["name"] for cell in cells)


def read(path: str, files: ListFiles, options: ReadingOptions) -> MachineList:
    """The machines of the table at ``path``.

    A table has no heading where ``options.columns`` says the column of names by its number.

    Raises:
        BadInput: it cannot be read, or no column holds names.
    """
    has_heading = not dict(options.columns).get("name", "").isdecimal()
    table = read_table(path, files.read(path), has_heading=has_heading)
    columns = _columns(path, table.headings, options)
    builder = ListBuilder(path, FORMAT)
    members: dict[str, list[str]] = {}
    for row in table.rows:
        try:
            machine = read_row(row, columns)
        except BadInput as error:
            builder.refuse(_cell(row, columns, "name"), row.place, str(error))
            continue
        builder.machines.append(machine)
        for group in _groups(row, columns):
            members.setdefault(group, []).append(machine.name)
    for broken in table.broken:
        builder.refuse(_cell(broken.row, columns, "name"), broken.row.place, broken.reason)
    builder.add_groups(ListedGroup(name, Place(path), tuple(names)) for name, names in members.items())
    if columns.unused:
        builder.note(Place(path), f"columns that were not taken over: {some_of(columns.unused, 8)}")
    return builder.done()


def read_row(row: TableRow, columns: Columns) -> ListedMachine:
    """The machine of one row.

    Raises:
        BadInput: a value in it cannot be used.
    """
    said = {name: _cell(row, columns, name) for name in HEADINGS}
    if not said["name"]:
        raise BadInput("it has no name")
    pairs = [*parse_tag_cell(said["tags"]), *_tag_cells(row, columns)]
    tags, notes = usable_tags(pairs)
    transport, scheme = parse_transport(said["transport"]) if said["transport"] else (None, None)
    port = parse_port(said["port"]) if said["port"] else None
    if transport is None and port in (HTTP_PORT, HTTPS_PORT):
        transport = TransportKind.WINRM  # nothing else listens there
    if said["winrm_scheme"]:
        scheme = parse_scheme(said["winrm_scheme"])
    elif port == HTTP_PORT and transport is TransportKind.WINRM:
        scheme = scheme or WinrmScheme.HTTP
    return ListedMachine(
        name=said["name"],
        place=row.place,
        address=said["address"] or next((row.cells[at] for at in columns.more_addresses if row.cells[at]), None),
        port=port,
        user=said["user"] or None,
        key_file=said["key_file"] or None,
        proxy_jump=said["proxy_jump"].replace(" ", "") or None,
        winrm_scheme=scheme,
        winrm_kind=parse_winrm_kind(said["winrm_kind"]) if said["winrm_kind"] else None,
        winrm_ca_file=said["winrm_ca_file"] or None,
        winrm_proxy=said["winrm_proxy"] or None,
        transport=transport,
        become=parse_become(said["become"]) if said["become"] else None,
        os_type=parse_os_type(said["os_type"]),
        profile=said["profile"] or None,
        enabled=parse_flag(said["enabled"]) if said["enabled"] else None,
        tags=tags,
        notes=notes,
    )


def _columns(path: str, headings: tuple[str, ...], options: ReadingOptions) -> Columns:
    try:
        columns = find_columns(headings, options)
    except BadInput as error:
        raise BadInput(f"{path}:1: {error}") from error
    for name in columns.tags:
        if is_secret(name):
            raise BadInput(f"{path}:1: column {name!r} looks like a secret: it is made no tag, which everybody sees.")
    return columns


def _cell(row: TableRow, columns: Columns, name: str) -> str:
    index = columns.fields.get(name)
    return row.cells[index] if index is not None and index < len(row.cells) else ""


def _tag_cells(row: TableRow, columns: Columns) -> Iterator[tuple[str, str]]:
    for key, index in columns.tags.items():
        if row.cells[index]:
            yield key, row.cells[index]


def _groups(row: TableRow, columns: Columns) -> Iterator[str]:
    text = _cell(row, columns, "groups")
    for separator in ";|\n":
        text = text.replace(separator, ",")
    yield from dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
