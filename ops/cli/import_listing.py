"""Previews of imports, what they came to, and sources, as rows of the command line."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from fleet.importing.listed import Note, Place
from fleet.importing.preview import GroupRow, ImportPreview, ImportRow, ImportState
from fleet.importing.source import Source
from fleet.reaching import way_of
from ops.cli.listing import Column, Listing
from ops.cli.values import count_of

_ROWS = (
    Column("state", "State"),
    Column("name", "Name"),
    Column("place", "Place", lambda value: _near(value) if isinstance(value, Place) else ""),
    Column("address", "Address", is_extra=True),
    Column("detail", "What"),
    Column("kind"),
    Column("port"),
    Column("user"),
    Column("key_file"),
    Column("proxy_jump"),
    Column("transport"),
    Column("become"),
    Column("os_type"),
    Column("profile"),
    Column("enabled"),
    Column("tags"),
    Column("targets"),
    Column("changes"),
    Column("reason"),
    Column("notes"),
    Column("id"),
    Column("winrm"),
)
_FIELDS = ("port", "user", "key_file", "proxy_jump", "transport", "become", "os_type", "profile", "enabled", "tags")
_SOURCES = (
    Column("name", "Source"),
    Column("followed", "Followed"),
    Column("machines", "Machines", is_number=True),
    Column("missing", "Missing", is_number=True),
    Column("refused", "Refused", is_number=True),
    Column("every_minutes", "Every (min)", is_number=True),
    Column("read_at", "Read"),
    Column("problem", "Problem"),
    Column("path", "List", is_extra=True),
    Column("format", is_extra=True),
    Column("new_machines"),
    Column("only"),
    Column("excluded"),
    Column("checked_at"),
    Column("due_at"),
    Column("added_at"),
)
_MEMBERS = (
    Column("name", "Name"),
    Column("address", "Address"),
    Column("missing_since", "Missing since"),
    Column("id"),
)


def list_rows(rows: Iterable[ImportRow], groups: Iterable[GroupRow], notes: Iterable[Note] = ()) -> Listing:
    """A row for each machine, then one for each group, then one for each note about the list."""
    return Listing(_ROWS, [*map(_machine_row, rows), *map(_group_row, groups), *map(_note_row, notes)])


def telling_rows(preview_rows: Iterable[ImportRow]) -> list[ImportRow]:
    """The rows that a person wants to see: unchanged ones only where there is something to know of them.

    What is refused comes last: there it is seen, also after thousands of others.
    """
    rows = [row for row in preview_rows if row.state is not ImportState.UNCHANGED or row.changes or row.notes]
    return sorted(rows, key=lambda row: row.state is ImportState.REFUSED)


def telling_groups(groups: Iterable[GroupRow]) -> list[GroupRow]:
    """As `telling_rows`, for groups."""
    return [row for row in groups if row.state is not ImportState.UNCHANGED or row.reason]


def describe_groups(groups: Sequence[GroupRow]) -> str:
    """``3 groups: 2 new, 1 unchanged.``; empty where there is none."""
    if not groups:
        return ""
    counts = {state: sum(row.state is state for row in groups) for state in ImportState}
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    return f"{count_of(len(groups), 'group')}: {said}."


def notes_of(preview: ImportPreview, most: int = 20) -> list[str]:
    """What is to be known of the list, a line each; of many the first."""
    lines = [f"{_near(note.place)}: {note.text}" for note in preview.notes[:most]]
    more = len(preview.notes) - most
    return [*lines, f"… and {more:,} more notes: --json has all"] if more > 0 else lines


def list_sources(sources: Sequence[Source]) -> Listing:
    """A row for each source."""
    return Listing(_SOURCES, [_source_row(source) for source in sources])


def list_members(machines: Iterable[object]) -> Listing:
    """The machines of a source, and since when it does not name them."""
    return Listing(_MEMBERS, [tuple(getattr(each, column.name) for column in _MEMBERS) for each in machines])


def _machine_row(row: ImportRow) -> tuple[object, ...]:
    machine = row.machine or row.known
    fields = [getattr(machine, name, None) for name in _FIELDS]
    head = (row.state, row.name, row.place, machine.address if machine else None, row.describe(), "machine")
    way = way_of(machine) if machine else None
    return (*head, *fields, (), row.changes, row.reason, row.notes, row.known.id if row.known else None, way)


def _group_row(row: GroupRow) -> tuple[object, ...]:
    group = row.group or row.known
    members = group.targets if group else ()
    detail = row.reason or (f"group of {group.definition[:80]}" if group else "group")
    head = (row.state, row.name, row.place, None, detail, "group")
    return (*head, *(None,) * len(_FIELDS), members, (), row.reason, (), None, None)


def _note_row(note: Note) -> tuple[object, ...]:
    head = ("note", None, note.place, None, note.text, "note")
    return (*head, *(None,) * len(_FIELDS), (), (), "", (note.text,), None, None)


def _source_row(source: Source) -> tuple[object, ...]:
    request = source.request
    return (
        *(source.name, source.followed, source.machines, source.missing, source.refused),
        source.following.every_minutes if source.followed else None,
        *(source.read_at, source.error, request.path, request.format),
        *(source.following.new_machines, request.only, request.excluded, source.checked_at),
        source.due_at if source.followed else None,
        source.added_at,
    )


def _near(place: Place) -> str:
    """A place, from the current folder where it lies below."""
    try:
        file = str(Path(place.file).relative_to(Path.cwd()))
    except (ValueError, OSError):
        file = place.file
    return str(Place(file, place.line))
