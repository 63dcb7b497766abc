"""Which machines were enrolled at an earlier time, and how: what is enrolled now, with the audit undone backwards."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fleet.machines import Machine, OSType
from ops.state.documents import Codec, load_stored
from ops.state.machines import MachineBook

_CODEC = Codec(Machine)
_RESTORE = "machine.restore"
_CHANGES = (
    "machine.add",
    "machine.edit",
    "machine.enable",
    "machine.disable",
    "machine.remove",
    "machine.retire",
    _RESTORE,
    "machine.reinstalled",
)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """``machines`` as they were at a time, and the ids of those that were enrolled earlier or later, but not then."""

    machines: tuple[Machine, ...]
    absent: frozenset[str]


def enrolled_at(connection: sqlite3.Connection, at: datetime, known_now: Mapping[str, Machine] = {}) -> Enrolled:
    """The machines of the home whose state ``connection`` reads, as they were enrolled at ``at``.

    They are made of ``known_now``, by id, as far as those are equal: ten thousand machines anew are 20 MB.
    """
    then = {each.id: _held(each, known_now) for each in MachineBook(connection).read_machines()}
    known = {*then, *_ever_changed(connection)}
    for action, before, after in _changes_after(connection, at):
        if before is not None:
            then[before.id] = _held(before, known_now)
        elif after is not None and action == _RESTORE:
            then.pop(after.id, None)
        elif after is not None:
            then[after.id] = _held(after, known_now)  # as it was added; it goes below if that was later
    as_added = _systems_as_added(connection)
    machines = tuple(_as_added(machine, as_added) for machine in then.values() if machine.created_at <= at)
    return Enrolled(machines, frozenset(known - {machine.id for machine in machines}))


def _held(machine: Machine, known_now: Mapping[str, Machine]) -> Machine:
    """``machine``, of what is held already where that is equal, but for the system's family, which answers tell."""
    held = known_now.get(machine.id)
    if held is not None and held.os_type is not machine.os_type:
        held = replace(held, os_type=machine.os_type)
    return machine if held is None or held != machine else held


def _as_added(machine: Machine, systems: Mapping[str, OSType | None]) -> Machine:
    os_type = systems.get(machine.id, machine.os_type)
    return machine if os_type is machine.os_type else replace(machine, os_type=os_type)


def _changes_after(
    connection: sqlite3.Connection, at: datetime
) -> Iterator[tuple[str, Machine | None, Machine | None]]:
    """What each change after ``at`` was called and found; what it left, where it found nothing. The latest first."""
    rows = connection.execute(
        "SELECT action, before, after FROM audit WHERE action IN (SELECT value FROM json_each(?)) AND at > ? "
        "ORDER BY id DESC",
        (json.dumps(_CHANGES), at.astimezone(UTC).isoformat(timespec="microseconds")),
    )
    return ((action, _machine(before), None if before else _machine(after)) for action, before, after in rows)


def _systems_as_added(connection: sqlite3.Connection) -> dict[str, OSType | None]:
    """The family of each machine's system as it was enrolled: what an answer tells of it is learnt without an audit."""
    rows = connection.execute(
        "SELECT json_extract(after, '$.id'), json_extract(after, '$.os_type') FROM audit "
        "WHERE action = 'machine.add' AND after IS NOT NULL"
    )
    return {machine_id: OSType(system) if system else None for machine_id, system in rows}


def _ever_changed(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute(
        "SELECT DISTINCT json_extract(coalesce(before, after), '$.id') FROM audit "
        "WHERE action IN (SELECT value FROM json_each(?))",
        (json.dumps(_CHANGES),),
    )
    return {machine_id for (machine_id,) in rows}


def _machine(document: str | None) -> Machine | None:
    return None if document is None else load_stored(_CODEC, document)
