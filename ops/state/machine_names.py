"""Which names machines have had, by the audit: names change and are used again, ids never."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

# Entries whose documents are no machine (a host key, what a retired one leaves) have no such members.
_IDS_CALLED = """
SELECT DISTINCT json_extract(document, '$.id')
FROM (
    SELECT before AS document FROM audit WHERE action LIKE 'machine.%' AND json_valid(before)
    UNION ALL
    SELECT after FROM audit WHERE action LIKE 'machine.%' AND json_valid(after)
)
WHERE json_extract(document, '$.name') = ? COLLATE NOCASE AND json_extract(document, '$.id') IS NOT NULL
"""
_DEEDS = """
SELECT at, before, after
FROM audit
WHERE action LIKE 'machine.%' AND (instr(before, ?1) OR instr(after, ?1))
ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class NamePeriod:
    """From when to when a machine had a name; ``until`` is None where it has it still."""

    machine_id: str
    name: str
    since: datetime
    until: datetime | None = None


def names_of(connection: sqlite3.Connection, machine_id: str) -> list[NamePeriod]:
    """The names that the machine has had, in the order of time; also of one that is retired or removed."""
    periods: list[NamePeriod] = []
    for at, name in _namings(connection, machine_id):
        is_open = bool(periods) and periods[-1].until is None
        if is_open and periods[-1].name == name:
            continue
        if is_open:
            periods[-1] = replace(periods[-1], until=at)
        if name is not None:
            periods.append(NamePeriod(machine_id, name, at))
    return periods


def former_names(connection: sqlite3.Connection, machine_id: str, name: str) -> list[NamePeriod]:
    """The names other than ``name``, which it has now, that the machine has had; the latest first, each once."""
    last = {period.name: period for period in names_of(connection, machine_id) if period.name != name}
    return sorted(last.values(), key=lambda period: period.since, reverse=True)


def holders_of(connection: sqlite3.Connection, name: str) -> list[NamePeriod]:
    """When which machines were called ``name``, whatever the case; the latest first."""
    ids = [machine_id for (machine_id,) in connection.execute(_IDS_CALLED, (name,))]
    periods = [period for machine_id in ids for period in names_of(connection, machine_id)]
    held = [period for period in periods if period.name.casefold() == name.casefold()]
    return sorted(held, key=lambda period: period.since, reverse=True)


def ids_known_as(connection: sqlite3.Connection, text: str) -> list[str]:
    """The ids of the machines that ``text`` means: the one that is called so now, else those that ever were; or itself,
    if it is an id. The latest first, empty where there is none.
    """
    row = connection.execute("SELECT id FROM machines WHERE name = ?", (text,)).fetchone()
    if row is not None:
        return [row[0]]
    held = [text] if names_of(connection, text) else [period.machine_id for period in holders_of(connection, text)]
    return list(dict.fromkeys(held))


def _namings(connection: sqlite3.Connection, machine_id: str) -> Iterator[tuple[datetime, str | None]]:
    """What the machine was called after each deed about it; None where it was taken out of the fleet."""
    for at, before, after in connection.execute(_DEEDS, (machine_id,)):
        found, left = _name(before, machine_id), _name(after, machine_id)
        if left is not None:
            yield datetime.fromisoformat(at), left
        elif found is not None:
            yield datetime.fromisoformat(at), None


def _name(document: str | None, machine_id: str) -> str | None:
    """The machine's name in what an entry of the audit holds; None where that is not this machine."""
    try:
        held = json.loads(document) if document else None
    except ValueError:
        return None
    if not isinstance(held, dict) or held.get("id") != machine_id:
        return None
    name = held.get("name")
    return name if isinstance(name, str) else None
