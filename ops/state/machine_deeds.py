"""What was done to one machine, by the audit: under whatever name it had then, and not to others of that name."""

import json
import sqlite3
from datetime import UTC, datetime

from ops.state.machine_names import NamePeriod, names_of

# What changed nothing in the state has no document, only the name that the machine had: "web-01", "web-01 (sudo)".
# :periods is a list of such names: [name, name with any bracket, since, until].
ABOUT_MACHINE = """
action LIKE 'machine.%' AND (
    instr(before, :machine_id) OR instr(after, :machine_id) OR (
        iif(json_valid(before), json_type(before), '') <> 'object'
        AND iif(json_valid(after), json_type(after), '') <> 'object'
        AND EXISTS (
            SELECT 1
            FROM json_each(:periods)
            WHERE (target = json_extract(value, '$[0]') OR target LIKE json_extract(value, '$[1]') ESCAPE '\\')
                AND at >= json_extract(value, '$[2]') AND at < json_extract(value, '$[3]')
        )
    )
)
"""
_FOREVER = datetime.max.replace(tzinfo=UTC)


def about_machine(connection: sqlite3.Connection, machine_id: str) -> dict[str, str]:
    """The values with which `ABOUT_MACHINE` is true of the entries that are about the machine."""
    periods = json.dumps([_bounds(period) for period in names_of(connection, machine_id)])
    return {"machine_id": machine_id, "periods": periods}


def _bounds(period: NamePeriod) -> tuple[str, ...]:
    escaped = period.name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    since, until = (at.isoformat(timespec="microseconds") for at in (period.since, period.until or _FOREVER))
    return (period.name, f"{escaped} (%", since, until)
