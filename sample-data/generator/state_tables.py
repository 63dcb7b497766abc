"""The tables whose truth is in state.db, Audit and Alert, as small as the others; the home knows what they have."""

import sqlite3

from fleet.state_records import alert_row, audit_row
from fleet.tables import ALERT, AUDIT
from generator.tables import write_table
from ops.home import Home
from ops.state import transaction
from ops.state.alerts import AlertBook
from ops.state.audit import ENTRY_COLUMNS


def publish_audit(home: Home, connection: sqlite3.Connection) -> None:
    """Write the table Audit."""
    entries = connection.execute(f"SELECT {ENTRY_COLUMNS} FROM audit ORDER BY id").fetchall()  # noqa: S608 - ours only
    write_table(home.tables_dir, AUDIT, [audit_row(entry) for entry in entries], ("patchdeck.audit", len(entries)))
    _remember(connection, "patchdeck.audit", len(entries))


def publish_alerts(home: Home, connection: sqlite3.Connection) -> None:
    """Write the table Alert."""
    events = AlertBook(connection).events()
    rows = [alert_row(number, event) for number, event in events]
    write_table(home.tables_dir, ALERT, rows, ("patchdeck.alerts", len(rows)))
    _remember(connection, "patchdeck.alerts", len(rows))


def _remember(connection: sqlite3.Connection, app_id: str, number: int) -> None:
    with transaction(connection):
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (app_id, number))
