"""What was done to one machine, by the audit: under whatever name it had then, and not to others of that name."""

import json
import sqlite3
from datetime import UTC, datetime

from ops.state.audit import ENTRY_COLUMNS, AuditEntry, read_entry
from ops.state.machine_names import NamePeriod, names_of

# What changed nothing in the state has no document, only the name that the machine had: "web-01", "web-01 (sudo)".
# ?2 is a list of such names: [name, name with any bracket, since, until].
_ABOUT = f"""
SELECT {ENTRY_COLUMNS}
FROM audit
WHERE action LIKE 'machine.%' AND (
    instr(before, ?1) OR instr(after, ?1) OR (
        (before IS NULL OR json_type(before) <> 'object') AND (after IS NULL OR json_type(after) <> 'object')
        AND EXISTS (
            SELECT 1
            FROM json_each(?2)
            WHERE (target = json_extract(value, '$[0]') OR target LIKE json_extract(value, '$[1]') ESCAPE '\\')
                AND at >= json_extract(value, '$[2]') AND at < json_extract(value, '$[3]')
        )
    )
)
ORDER BY id DESC
LIMIT ?3
"""
_FOREVER = datetime.max.replace(tzinfo=UTC)


def entries_about(connection: sqlite3.Connection, machine_id: str, limit: int | None = None) -> list[AuditEntry]:
    """The entries of the audit that are about the machine, newest first; at most ``limit`` of them."""
    periods = json.dumps([_bounds(period) for period in names_of(connection, machine_id)])
    rows = connection.execute(_ABOUT, (machine_id, periods, -1 if limit is None else limit))
    return [read_entry(row) for row in rows]


def _bounds(period: NamePeriod) -> tuple[str, ...]:
    escaped = period.name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    since, until = (at.isoformat(timespec="microseconds") for at in (period.since, period.until or _FOREVER))
    return (period.name, f"{escaped} (%", since, until)
