"""A made-up fleet's tables over some months, in our own layout: written by DuckDB, row by row what a store would hold.

Each machine is assessed four times a day. Every day some of its packages become needed, and are installed within ten
days or, one in twelve, never: those are what is missing now. The same seed gives the same rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from deltalake import write_deltalake
from duckdb import DuckDBPyConnection

from fleet.tables import (
    ASSESSMENT,
    CVE,
    DAY,
    DEPLOYMENT_RUN,
    HEARTBEAT,
    MACHINE,
    MACHINE_RUN,
    MISSING_FIX,
    REPOSITORY,
    UPDATE,
    UPDATE_HISTORY,
    UPDATE_RUN_PROGRESS,
    UPDATE_SUMMARY,
    ColumnType,
    Table,
    TableKind,
)

_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.DATETIME: "TIMESTAMPTZ",
    ColumnType.DATE: "DATE",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.INT: "INTEGER",
    ColumnType.LONG: "BIGINT",
    ColumnType.REAL: "DOUBLE",
    ColumnType.DYNAMIC: "VARCHAR",
}
_DAYS_AT_ONCE = 30
_CLASS = "['Security Updates', 'Others', 'Others', 'Critical Updates'][1 + p % 4]"
_WHO = {"Computer": "'m' || lpad(m::VARCHAR, 5, '0')", "SourceComputerId": "md5(m::VARCHAR)", "OSType": "'Linux'"}
_COUNTS = {"CriticalUpdatesMissing": "m % 3", "SecurityUpdatesMissing": "m % 7", "OtherUpdatesMissing": "m % 11"}
_UPDATE = _WHO | {
    "Classification": _CLASS,
    "Title": "'package-' || p || ' 2.' || p",
    "Product": "'package-' || p",
    "ProductVersion": "'2.' || p || '.' || d",
    "ProductArch": "'amd64'",
    "InstalledVersion": "'1.' || p",
    "IsInstallable": "p % 9 > 0",
    "NotInstallableReason": "if(p % 9 > 0, '', 'held')",
    "FirstSeen": "seen",
    "FleetFirstSeen": "seen",
    "SizeBytes": "p * 1000",
    "CVENumbers": "if(p % 4 = 0, 'CVE-2026-' || p, '')",
}
_ASSESSED = _WHO | _COUNTS | {"TimeGenerated": "moment", "Coverage": "'complete'"}
_RUN = {"UpdateRunName": "'weekly-' || r % 5", "CorrelationId": "md5('run' || r)", "TimeGenerated": "moment"}


@dataclass(frozen=True, slots=True)
class FleetYear:
    """How large it is: machines, days of history up to ``now``."""

    machines: int
    days: int
    now: datetime


def write_tables(year: FleetYear, tables_dir: Path) -> None:
    """Write every table of ``year`` under ``tables_dir``."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE MACRO day_at(d) AS TIMESTAMPTZ '{year.now}' - to_days(d::INTEGER)")
        connection.execute(_CHANGES.format(machines=year.machines, days=year.days))
        for table, values, source in _current(year):
            _write(connection, table, values, source, tables_dir)
        for first in range(0, year.days, _DAYS_AT_ONCE):
            days = f"range({first}, {min(first + _DAYS_AT_ONCE, year.days)}) AS days(d)"
            for table, values, source in _history(year, days):
                _write(connection, table, values, source, tables_dir)


# A change: package p is needed by machine m from day d before now on, and installed on day d - lasts; never if null.
_CHANGES = """
    CREATE TABLE changes AS
    SELECT m, d, k, CAST(hash(m, d, k) % 300 AS INTEGER) AS p,
        if(hash(k, m, d) % 12 = 0, NULL, CAST(1 + hash(d, k, m) % 10 AS INTEGER)) AS lasts,
        day_at(d) - to_minutes(CAST(m % 360 AS INTEGER)) AS seen
    FROM range({machines}) AS machines(m), range({days}) AS days(d), range(3) AS times(k)
    QUALIFY row_number() OVER (PARTITION BY m, d, p ORDER BY k) = 1
"""


def _current(year: FleetYear) -> list[tuple[Table, Mapping[str, str], str]]:
    machines = f"range({year.machines}) AS machines(m)"
    now = f"TIMESTAMPTZ '{year.now}' - to_minutes(CAST(m % 300 AS INTEGER))"
    facts = {
        "TimeGenerated": now, "LastAssessed": now, "LastAnswered": now, "Enabled": "true", "InScope": "true",
        "AddedAt": f"TIMESTAMPTZ '{year.now - timedelta(days=year.days)}'", "LastOutcome": "'succeeded'",
        "Coverage": "'complete'", "RebootRequired": "['yes', 'no', 'no', 'unknown'][1 + m % 4]", "OSName": "'Debian'",
        "OSFullName": "'Debian GNU/Linux 12'", "Kernel": "'6.1.0-' || m % 5", "BootedAt": "day_at(m % 90)",
        "MachineId": "md5('id' || m)", "VMUUID": "md5('vm' || m)", "Ready": "true", "MetadataAt": "day_at(m % 12)",
        "Tags": "'{\"ring\":\"' || m % 4 || '\"}'", "OtherUpdaters": "'[\"unattended-upgrades\"]'", "Findings": "'[]'",
        "OtherUpdaterRuns": "'{}'", "EndOfLife": "'2028-06-30'", "EndOfLifeSource": "'debian'",
    }  # fmt: skip
    latest = (
        "(SELECT m, p, min(seen) AS seen, max(d) AS d FROM changes WHERE lasts IS NULL OR lasts > d GROUP BY m, p)"
        " AS needed"
    )
    fix = _WHO | {"CVE": "'CVE-2026-' || p", "Product": "'package-' || p", "FirstSeen": "seen", "IsOffered": "true"}
    fixes = f"{latest} WHERE p % 4 = 0"
    cves = {"CVE": "'CVE-2026-' || p", "Feed": "'debian'", "Severity": "['critical', 'high', 'low'][1 + p % 3]"}
    return [
        (MACHINE, _WHO | _COUNTS | facts, machines),
        (UPDATE, _UPDATE | {"UpdateState": "'Needed'", "TimeGenerated": now}, latest),
        (REPOSITORY, _WHO | {"TimeGenerated": now, "Repository": "'main'", "MadeAt": "day_at(m % 9)"}, machines),
        (MISSING_FIX, fix | {"TimeGenerated": now}, fixes),
        (CVE, cves | {"TimeGenerated": "day_at(1)", "KnownExploited": "p % 17 = 0"}, "range(300) AS packages(p)"),
    ]


def _history(year: FleetYear, days: str) -> list[tuple[Table, Mapping[str, str], str]]:
    scans = (
        f"(SELECT m, d, day_at(d) - to_hours(CAST(h * 6 AS INTEGER)) - to_minutes(CAST(m % 360 AS INTEGER)) AS moment"
        f" FROM range({year.machines}) AS machines(m), {days}, range(4) AS hours(h)) AS scans"
    )
    changed = (
        "(SELECT m, p, d, seen, seen AS moment, 'Needed' AS state FROM changes UNION ALL"
        " SELECT m, p, d, seen, seen + to_days(lasts) AS moment, 'Installed' FROM changes WHERE lasts <= d) AS states"
        f" WHERE d IN (SELECT d FROM {days})"
    )
    runs = f"(SELECT d AS r, day_at(d) AS moment FROM {days} WHERE d % 7 = 0) AS runs"
    on_machines = f"{runs}, range({year.machines}) AS machines(m)"
    assessment = {
        "Outcome": "if(hash(m, d) % 50 = 0, 'failed', 'succeeded')", "RebootRequired": "'no'", "StartedAt": "moment",
        "DurationSeconds": "3.5", "BatchId": "md5(d::VARCHAR)", "Findings": "'[]'",
    }  # fmt: skip
    step = {
        "InstallationStatus": "if(hash(m, r, p) % 40 = 0, 'Failed', 'Succeeded')", "StartTime": "moment",
        "EndTime": "moment + INTERVAL 2 MINUTE", "Product": "'package-' || p", "Title": "'package-' || p",
    }  # fmt: skip
    machine_run = {
        "Status": "if(hash(m, r) % 30 = 0, 'Failed', 'Succeeded')", "StartTime": "moment", "Rebooted": "m % 3 = 0",
        "EndTime": "moment + INTERVAL 9 MINUTE", "InstallSeconds": "m % 500", "UpdatesSucceeded": "5",
    }  # fmt: skip
    run = {
        "Status": "'Succeeded'", "StartTime": "moment", "EndTime": "moment + INTERVAL 1 HOUR", "WindowMinutes": "120",
        "MachinesTargeted": str(year.machines), "MachinesSucceeded": str(year.machines),
    }  # fmt: skip
    return [
        (HEARTBEAT, _WHO | {"TimeGenerated": "moment", "OSName": "'Debian'", "Category": "'ssh'"}, scans),
        (ASSESSMENT, _ASSESSED | assessment, scans),
        (UPDATE_SUMMARY, _ASSESSED | {"TotalUpdatesMissing": "m % 21", "RestartPending": "m % 4 = 0"}, scans),
        (UPDATE_HISTORY, _UPDATE | {"TimeGenerated": "moment", "UpdateState": "state"}, changed),
        (DEPLOYMENT_RUN, _RUN | run, runs),
        (MACHINE_RUN, _RUN | _WHO | machine_run, on_machines),
        (UPDATE_RUN_PROGRESS, _RUN | _WHO | step, f"{on_machines}, range(5) AS packages(p)"),
    ]


def _write(
    connection: DuckDBPyConnection, table: Table, values: Mapping[str, str], source: str, tables_dir: Path
) -> None:
    given = {DAY.name: f"CAST({values['TimeGenerated']} AS DATE)", "Type": f"'{table.name}'", **values}
    columns = ", ".join(
        f"CAST({given.get(c.name, chr(39) * 2 if c.type is ColumnType.STRING else 'NULL')} AS {_TYPES[c.type]})"
        f' AS "{c.name}"'
        for c in table.columns
    )
    order = ", ".join(f'"{name}"' for name in table.sort_by)
    rows = connection.sql(f"SELECT {columns} FROM {source} ORDER BY {order}")
    is_history = table.kind is TableKind.HISTORY
    write_deltalake(tables_dir / table.name, rows, mode="append", partition_by=[DAY.name] if is_history else None)
