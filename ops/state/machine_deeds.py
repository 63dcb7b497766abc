"""What was done to one machine, by the audit: under whatever name it had then, and not to others of that name."""

import sqlite3
from datetime import UTC, datetime

from ops.state.audit import Actor, AuditEntry
from ops.state.machine_names import NamePeriod, names_of

_COLUMNS = "at, user, ssh_client, command, action, target, before, after"
# What changed nothing in the state has no document, only the name that the machine had: "web-01", "web-01 (sudo)".
_NAMED = (
    "(before IS NULL OR json_type(before) <> 'object') AND (after IS NULL OR json_type(after) <> 'object') "
    "AND (target = ? OR target LIKE ? ESCAPE '\\') AND at >= ? AND at < ?"
)
_FOREVER = datetime.max.replace(tzinfo=UTC)


def entries_about(connection: sqlite3.Connection, machine_id: str, limit: int | None = None) -> list[AuditEntry]:
    """The entries of the audit that are about the machine, newest first; at most ``limit`` of them."""
    periods = names_of(connection, machine_id)
    named = "".join(f" OR {_NAMED}" for _ in periods)
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM audit WHERE action LIKE 'machine.%' "
        f"AND (instr(before, ?) OR instr(after, ?){named}) ORDER BY id DESC LIMIT ?",
        (machine_id, machine_id, *(value for period in periods for value in _bounds(period)), limit or -1),
    )
    return [AuditEntry(datetime.fromisoformat(row[0]), Actor(*row[1:4]), *row[4:]) for row in rows]


def _bounds(period: NamePeriod) -> tuple[str, ...]:
    escaped = period.name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    since, until = (at.isoformat(timespec="microseconds") for at in (period.since, period.until or _FOREVER))
    return (period.name, f"{escaped} (%", since, until)
