"""Finding entries of the audit: by time, person, deed, target and machine, the newest first, a page at a time."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.state.audit import ENTRY_COLUMNS, AuditEntry, read_entry
from ops.state.machine_deeds import ABOUT_MACHINE, about_machine

_CONDITIONS = {
    "since": "at >= :since",
    "until": "at < :until",
    "by": (
        "(folded(user) GLOB :by OR folded(user) GLOB :by || ' (*' OR folded(user) GLOB '* (' || :by || ')' "
        "OR folded(user) GLOB 'ssh:' || :by OR folded(user) = :by)"
    ),
    "action": "(folded(action) GLOB :action OR folded(action) = :action)",
    "target": "(folded(target) GLOB :target OR folded(target) = :target)",
    "below": "id < :below",
}


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries are meant: all conditions that are given hold together.

    Args:
        since, until: from then on, and before then.
        by: who did it, as a name or glob: the user, who logged in and became that user, or a login over SSH.
        action, target: what was done, and to what, as a name or glob, whatever the case.
        machine_id: what was done to that machine, under whatever name it had then.
        below: entries with a smaller number only: the next page.
    """

    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    action: str = ""
    target: str = ""
    machine_id: str = ""
    below: int | None = None


def search_entries(
    connection: sqlite3.Connection, wanted: AuditFilter, limit: int | None = None
) -> Iterator[AuditEntry]:
    """The entries that ``wanted`` means, the newest first, one at a time; at most ``limit``."""
    connection.create_function("folded", 1, str.casefold, deterministic=True)
    values = _values(wanted)
    conditions = [_CONDITIONS[name] for name in values]
    if wanted.machine_id:
        conditions.append(ABOUT_MACHINE)
        values |= about_machine(connection, wanted.machine_id)
    where = " AND ".join(conditions) or "TRUE"
    rows = connection.execute(
        f"SELECT {ENTRY_COLUMNS} FROM audit WHERE {where} ORDER BY id DESC LIMIT :limit",  # noqa: S608 - ours only
        {**values, "limit": -1 if limit is None else limit},
    )
    return map(read_entry, rows)


def find_entry(connection: sqlite3.Connection, number: int) -> AuditEntry | None:
    """The entry of that number, None where there is none."""
    query = f"SELECT {ENTRY_COLUMNS} FROM audit WHERE id = ?"  # noqa: S608 - ours only
    row = connection.execute(query, (number,)).fetchone()
    return None if row is None else read_entry(row)


def _values(wanted: AuditFilter) -> dict[str, str | int]:
    """The value of each condition that is given."""
    given: dict[str, str | int | None] = {
        "since": _text(wanted.since),
        "until": _text(wanted.until),
        "by": wanted.by.casefold(),
        "action": wanted.action.casefold(),
        "target": wanted.target.casefold(),
        "below": wanted.below,
    }
    return {name: value for name, value in given.items() if value is not None and value != ""}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="microseconds")
