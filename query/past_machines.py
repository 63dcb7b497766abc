"""The table `Machine` as of an earlier time, from its assessments then and what the state knows of enrolments."""

import json
from collections.abc import Collection, Iterable, Mapping

from fleet.machines import Machine
from fleet.tables import ASSESSMENT, HEARTBEAT, MACHINE, UPDATE_SUMMARY
from query.columns import SQL_TYPES, view_columns
from query.snapshots import TableSnapshot
from query.views import quoted, select_sql

# What only the last answer of all tells.
FACTS = (
    "OSFullName",
    "Kernel",
    "Architecture",
    "PackageManager",
    "MachineId",
    "BootId",
    "BootedAt",
    "MetadataAt",
    "ClockSkewSeconds",
    "OtherUpdaters",
    "OtherUpdaterRuns",
    "ServicesToRestart",
    "Disks",
    "UpdateModel",
    "EndOfLifeSource",
    "UptimeSeconds",
    "WindowsUpdateSetting",
    "WindowsUpdateAgentVersion",
    "UpdateSource",
    "WSUSServer",
    "WSUSGroup",
    "SearchWay",
    "NETRuntimeVersion",
    "PowerShellVersion",
    "Domain",
    "Edition",
    "InstallationType",
    "LastSearched",
    "LastUpdateApplied",
)
_ENROLMENT = ("Computer", "Address", "Transport", "UserName", "Tags", "Enabled", "InScope", "AddedAt", "OSType")
_OF_ATTEMPT = ("FailureKind", "FailureText", "Findings")
_OF_ANSWER = (
    "Coverage",
    "VMUUID",
    "CriticalUpdatesMissing",
    "SecurityUpdatesMissing",
    "OtherUpdatesMissing",
    "UnclassifiedUpdatesMissing",
    "NotInstallableMissing",
    "DefinitionUpdatesMissing",
    "SetAsideUpdatesMissing",
)
_EXPRESSIONS = {
    "TimeGenerated": "coalesce(attempt.TimeGenerated, enrolled.AddedAt)",
    "Day": "CAST(coalesce(attempt.TimeGenerated, enrolled.AddedAt) AS DATE)",
    "SourceSystem": "if(coalesce(nullif(answer.OSType, ''), enrolled.OSType) = 'Windows', 'OpsManager', 'Linux')",
    "SourceComputerId": "enrolled.SourceComputerId",
    "ComputerEnvironment": "'Non-Azure'",
    "Type": f"'{MACHINE.name}'",
    "OSType": "coalesce(nullif(answer.OSType, ''), enrolled.OSType)",
    "OSName": "coalesce(heartbeat.OSName, '')",
    "OSVersion": "coalesce(summary.OsVersion, '')",
    "RebootReason": "coalesce(summary.RestartReason, '')",
    "RebootRequired": "coalesce(answer.RebootRequired, 'unknown')",
    "EndOfLife": "coalesce(summary.EndOfLife, '')",
    "LastAssessed": "attempt.TimeGenerated",
    "LastAnswered": "answer.TimeGenerated",
    "LastOutcome": "coalesce(attempt.Outcome, '')",
    "Ready": "if(attempt.TimeGenerated IS NULL, NULL, attempt.Outcome <> 'failed' AND NOT "
    "list_contains(coalesce(CAST(attempt.Findings AS JSON)->>'$[*].severity', []), 'error'))",
}


def past_machines(
    snapshots: Mapping[str, TableSnapshot], at: str, machines: Iterable[Machine], absent: Collection[str]
) -> str:
    """The rows of `Machine` at ``at``, a time as SQL."""
    present = select_sql(MACHINE, snapshots[MACHINE.name])
    columns = ", ".join(
        f"CAST({_expression(c.name)} AS {SQL_TYPES[c.type]}) AS {quoted(c.name)}" for c in view_columns(MACHINE)
    )
    summary = _last(
        select_sql(UPDATE_SUMMARY, snapshots[UPDATE_SUMMARY.name]), at, ("OsVersion", "RestartReason", "EndOfLife")
    )
    heartbeat = _last(select_sql(HEARTBEAT, snapshots[HEARTBEAT.name]), at, ("OSName",))
    assessments = select_sql(ASSESSMENT, snapshots[ASSESSMENT.name])
    attempt = _last(assessments, at, ("Outcome", *_OF_ATTEMPT))
    answer = _last(assessments, f"{at} AND Outcome <> 'failed'", ("OSType", "RebootRequired", *_OF_ANSWER))
    return f"""
        SELECT {columns}
        FROM ({enrolled_sql(machines, absent, assessments, at)}) AS enrolled
        LEFT JOIN ({attempt}) AS attempt USING (SourceComputerId)
        LEFT JOIN ({answer}) AS answer USING (SourceComputerId)
        LEFT JOIN ({summary}) AS summary USING (SourceComputerId)
        LEFT JOIN ({heartbeat}) AS heartbeat USING (SourceComputerId)
        LEFT JOIN ({present}) AS present
            ON present.SourceComputerId = enrolled.SourceComputerId
            AND present.LastAnswered = answer.TimeGenerated"""  # noqa: S608 - declared names


def enrolled_sql(machines: Iterable[Machine], absent: Collection[str], assessments: str, at: str) -> str:
    """Who was enrolled: a row for each of ``machines``, and for each machine that tables alone know to have been there.

    Of those it is not known how they were enrolled; they were assessed by ``at``, and are not ``absent``.
    """
    rows = [_enrolment(machine) for machine in machines]
    types = {c.name: SQL_TYPES[c.type] for c in MACHINE.columns if c.name in ("SourceComputerId", *_ENROLMENT)}
    types["Tags"] = "VARCHAR"  # JSON inside of JSON is a text
    known = f"SELECT unnest(from_json({_text(json.dumps(rows))}, {_text(json.dumps([types]))}), recursive := true)"
    gone = _text(json.dumps([*absent, *(row["SourceComputerId"] for row in rows)]))
    return f"""
        {known}
        UNION ALL BY NAME
        SELECT
            SourceComputerId,
            arg_max(Computer, TimeGenerated) AS Computer,
            arg_max(OSType, TimeGenerated) AS OSType,
            min(TimeGenerated) AS AddedAt,
            true AS Enabled
        FROM ({assessments})
        WHERE TimeGenerated <= {at}
            AND SourceComputerId NOT IN (SELECT unnest(from_json({gone}, '["VARCHAR"]')))
        GROUP BY SourceComputerId"""  # noqa: S608 - declared names, quoted texts


def _expression(name: str) -> str:
    if name in _EXPRESSIONS:
        return _EXPRESSIONS[name]
    if name in _ENROLMENT:
        return f"enrolled.{name}"
    if name in FACTS:
        return f"present.{name}"
    texts = ("FailureKind", "FailureText", "Coverage", "VMUUID")
    source = "attempt" if name in _OF_ATTEMPT else "answer" if name in _OF_ANSWER else ""
    if source:
        return f"coalesce({source}.{name}, '')" if name in texts else f"{source}.{name}"
    return "NULL" if name == "_BilledSize" else "''"  # Azure's own, which nothing fills


def _last(rows: str, at: str, columns: Iterable[str]) -> str:
    """The last row of each machine that is not after ``at``."""
    chosen = ", ".join(f"arg_max_null({name}, TimeGenerated) AS {name}" for name in columns)
    return f"""
        SELECT SourceComputerId, max(TimeGenerated) AS TimeGenerated, {chosen}
        FROM ({rows})
        WHERE TimeGenerated <= {at}
        GROUP BY SourceComputerId"""  # noqa: S608 - declared names


def _enrolment(machine: Machine) -> dict[str, object]:
    """What `fleet.records.machine_row` has of a machine that was never assessed; that makes sixty columns more."""
    return {
        "SourceComputerId": machine.id,
        "Computer": machine.name,
        "Address": machine.address or "",
        "Transport": machine.transport.value,
        "UserName": machine.user or "",
        "Tags": json.dumps(dict(sorted(machine.tags.items())), ensure_ascii=False, separators=(",", ":")),
        "Enabled": machine.enabled,
        "InScope": True,
        # DuckDB's JSON has no aware times.
        "AddedAt": machine.created_at.isoformat().partition("+")[0],
        "OSType": machine.os_type.value if machine.os_type else "",
    }


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
