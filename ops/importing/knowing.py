"""What a home knows when a list is judged: machines, groups, and what the same list said before."""

import sqlite3
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from fleet.errors import BadInput
from fleet.groups.group import Group
from fleet.importing.group_judging import GroupsKnown, judge_groups
from fleet.importing.judging import Fleet, judge_machines, undecided_machines
from fleet.importing.listed import MachineList
from fleet.importing.preview import ImportPreview, ImportRow, ImportState
from fleet.importing.request import ImportRequest
from fleet.importing.source import Source, check_source_name, source_name_of
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.sources import SourceBook


@dataclass(frozen=True, slots=True)
class Judging:
    """When a list is judged, and how. ``follows``: it is to be followed from now on.

    ``keeps_removed``: machines that the list brought and somebody removed stay away.
    """

    now: datetime
    follows: bool = False
    keeps_removed: bool = False


def judge_list(
    connection: sqlite3.Connection, listed: MachineList, request: ImportRequest, judging: Judging
) -> ImportPreview:
    """What taking over ``listed`` would do to the home of ``connection``.

    Raises:
        BadInput: a name that was asked for is not in the list.
    """
    book = SourceBook(connection)
    source = find_source(connection, request)
    followed = judging.follows or any(each.followed for each in book.list() if each.name == source)
    fleet = Fleet(
        machines=MachineBook(connection).list_machines(),
        source=source,
        now=judging.now,
        new_id=lambda: str(uuid.uuid4()),
        claims=book.machine_claims(source),
        groups=GroupBook(connection).list(),
        group_claims=book.group_claims(source),
        profiles={name for (name,) in connection.execute("SELECT name FROM profiles")},
        retired={name.casefold() for (name,) in connection.execute("SELECT name FROM retired")},
        followed=followed,
        keeps_removed=judging.keeps_removed,
    )
    judgement = judge_machines(listed, request, fleet)
    undecided = frozenset(undecided_machines(listed, judgement.rows, fleet))
    preview = ImportPreview(request, source, listed, judgement.rows, (), judgement.left_out, undecided)
    return replace(
        preview, groups=judge_groups(listed.groups, _groups_known(preview, fleet.groups, fleet.group_claims, None))
    )


def judge_groups_again(connection: sqlite3.Connection, preview: ImportPreview, names: Collection[str]) -> ImportPreview:
    """``preview`` with the groups as they are when only the machines ``names`` of the list are taken over."""
    groups, claims = GroupBook(connection).list(), SourceBook(connection).group_claims(preview.source)
    return replace(preview, groups=judge_groups(preview.listed.groups, _groups_known(preview, groups, claims, names)))


def find_source(connection: sqlite3.Connection, request: ImportRequest) -> str:
    """What the list of ``request`` is called: as it was before, as was asked, or after its file.

    Raises:
        BadInput: another list has the name that was asked for.
    """
    known = {source.name.casefold(): source for source in SourceBook(connection).list()}
    if request.source:
        check_source_name(request.source)
        found = known.get(request.source.casefold())
        if found is not None and not _is_same(found, request):
            raise BadInput(
                f"Source {found.name!r} is the list {found.request.path}: give another --source, or change that with "
                f"`patchdeck sources edit {found.name} --file {request.path}`."
            )
        return found.name if found else request.source
    if same := next((source.name for source in known.values() if _is_same(source, request)), None):
        return same
    name = source_name_of(request.path)
    free = (name if number == 1 else f"{name[:60]}-{number}" for number in range(1, len(known) + 2))
    return next(each for each in free if each.casefold() not in known)


def _is_same(source: Source, request: ImportRequest) -> bool:
    return Path(source.request.path).expanduser().absolute() == Path(request.path).expanduser().absolute()


def _groups_known(
    preview: ImportPreview, groups: Sequence[Group], claims: Mapping[str, Group], names: Collection[str] | None
) -> GroupsKnown:
    chosen = None if names is None else {name.casefold() for name in names}
    present: dict[str, str] = {}
    for row in preview.rows:
        machine = _present(row, chosen)
        if machine is not None:
            present[row.name.casefold()] = machine
    return GroupsKnown(groups, present, claims, preview.source, preview.request.overwrites, preview.undecided)


def _present(row: ImportRow, chosen: Collection[str] | None) -> str | None:
    """The name here of the row's machine, if it is enrolled, or will be."""
    if row.state is ImportState.MISSING or row.machine is None:
        return None
    is_coming = chosen is None or row.name.casefold() in chosen
    return row.known.name if row.known else row.machine.name if is_coming else None
