"""Rows of the record tables, made from what an assessment gave or from what is known of a machine.

A row maps every column of its table to a value: '' in a text column where there is nothing to say, None where something
is not known or does not apply. Dynamic columns hold JSON text.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache

from fleet.ageing import age_bucket, oldest_security
from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment, MissingCounts, count_missing
from fleet.facts import MachineFacts
from fleet.failures import Finding
from fleet.machines import Machine, OSType
from fleet.status import MachineStatus
from fleet.tables import (
    ASSESSMENT,
    HEARTBEAT,
    LOADED_AT,
    MACHINE,
    REPOSITORY,
    TABLES,
    UPDATE,
    UPDATE_HISTORY,
    UPDATE_SUMMARY,
    ColumnType,
    Table,
)
from fleet.updates import Update, UpdateState
from fleet.windows_records import agent_columns, machine_columns, update_columns

Value = str | int | float | bool | datetime | date | None
Row = Mapping[str, Value]


def needed_rows(machine: Machine, assessment: Assessment, updates: Iterable[tuple[Update, datetime]]) -> list[Row]:
    """Rows of Update for updates that the machine needs, each given with when it was first seen; in the same order."""
    facts = assessment.facts
    same = _begin(UPDATE, machine, facts, assessment.ended_at) | {
        "UpdateState": UpdateState.NEEDED.value,
        "OSName": facts.os_name or "",
        "OSVersion": facts.os_version or "",
        "OSFullName": facts.os_full_name or "",
    }
    return [same | _describe(update) | {"FirstSeen": first_seen} for update, first_seen in updates]


def history_row(row: Row) -> Row:
    """A row of Update as a row of UpdateHistory."""
    return {**row, "Type": UPDATE_HISTORY.name, LOADED_AT.name: None, "Day": _day(row["TimeGenerated"])}


def summary_row(machine: Machine, assessment: Assessment, current: Iterable[Row]) -> Row:
    """The row of UpdateSummary for a scan that was answered; ``current`` is what is needed after it, rows of Update."""
    facts, coverage, counts = assessment.facts, assessment.coverage, count_missing(assessment.updates)
    oldest = oldest_security(current) if coverage is Coverage.COMPLETE else None
    days = max(0, (assessment.ended_at - oldest).days) if oldest else None
    return {
        **_begin(UPDATE_SUMMARY, machine, facts, assessment.ended_at),
        **_count(counts, coverage),
        "TotalUpdatesMissing": counts.total if coverage.sees_every_update else None,
        "OldestMissingSecurityUpdateInDays": days,
        "OldestMissingSecurityUpdateBucket": "" if days is None else age_bucket(days),
        "RestartPending": None if facts.reboot_required is Answer.UNKNOWN else facts.reboot_required is Answer.YES,
        "OsVersion": facts.os_version or "",
        **agent_columns(facts.windows),
        "LastUpdateApplied": facts.windows.installed_at if facts.windows else None,
        "Coverage": coverage.value,
        "RestartReason": facts.reboot_reason,
        "FixSources": ";".join(assessment.fix_sources),
        "EndOfLife": facts.end_of_life.isoformat() if facts.end_of_life else "",
    }


def heartbeat_row(machine: Machine, assessment: Assessment, version: str) -> Row:
    """The row of Heartbeat for a machine that answered the Patchdeck of ``version``."""
    facts = assessment.facts
    major, _, minor = (facts.os_version or "").partition(".")
    return {
        **_begin(HEARTBEAT, machine, facts, assessment.ended_at),
        "OSName": facts.os_name or "",
        "OSMajorVersion": major,
        "OSMinorVersion": minor,
        "Version": version,
        "Category": machine.transport.value,
        "SCAgentChannel": "Direct",
        "ComputerIP": machine.address or "",
        "ComputerPrivateIPs": _json(list(facts.ip_addresses)),
        "Solutions": '"updates"',
    }


def assessment_row(machine: Machine, assessment: Assessment, batch_id: str) -> Row:
    """The row of Assessment, for a failed one too."""
    failure = assessment.failure
    return {
        **_begin(ASSESSMENT, machine, assessment.facts, assessment.ended_at),
        **_count(count_missing(assessment.updates), assessment.coverage),
        "StartedAt": assessment.started_at,
        "DurationSeconds": (assessment.ended_at - assessment.started_at).total_seconds(),
        "BatchId": batch_id,
        "Outcome": assessment.outcome.value,
        "Coverage": assessment.coverage.value,
        "FailureKind": failure.kind.value if failure else "",
        "FailureText": failure.describe() if failure else "",
        "RebootRequired": assessment.facts.reboot_required.value,
        "Findings": list_findings(assessment.findings),
    }


def repository_rows(machine: Machine, assessment: Assessment) -> list[Row]:
    """Rows of Repository for the repositories that an answered assessment found in use, in their order."""
    facts = assessment.facts
    same = _begin(REPOSITORY, machine, facts, assessment.ended_at) | {"PackageManager": facts.package_manager or ""}
    return [
        same
        | {
            "Repository": repository.name,
            "MadeAt": repository.made_at,
            "FetchedAt": repository.fetched_at,
            "HasAdvisories": repository.has_advisories,
            "IsFailing": repository.is_failing,
        }
        for repository in facts.repositories
    ]


def row_of_machine(table: Table, machine: Machine, assessment: Assessment) -> dict[str, Value]:
    """A row of ``table`` with what it says of the machine and the time of its answer, and nothing else."""
    return _begin(table, machine, assessment.facts, assessment.ended_at)


def blank_row(table: Table) -> Row:
    """A row of ``table`` that says nothing, for whoever fills it without an assessment."""
    return _blank_rows()[table.name]


def list_findings(findings: Iterable[Finding]) -> str:
    """The findings as the text of a dynamic column."""
    return _json(
        [
            {
                "kind": finding.kind.value,
                "severity": finding.severity.value,
                "text": finding.text,
                "remedy": finding.remedy,
            }
            for finding in findings
        ]
    )


def machine_row(status: MachineStatus) -> Row:
    """The row of Machine: what is known of it now."""
    machine, attempt, answer = status.machine, status.last_attempt, status.last_answer
    facts = answer.facts if answer else MachineFacts()
    failure = attempt.failure if attempt else None
    return {
        **_begin(MACHINE, machine, facts, attempt.ended_at if attempt else machine.created_at),
        **_describe_system(facts),
        **machine_columns(facts.windows),
        **_count(answer.counts if answer else MissingCounts(), answer.coverage if answer else Coverage.UNKNOWN),
        "Address": machine.address or "",
        "Transport": machine.transport.value,
        "UserName": machine.user or "",
        "OSType": status.os_type.value if status.os_type else "",
        "Tags": _json(dict(sorted(machine.tags.items()))),
        "Enabled": machine.enabled,
        "InScope": not status.outside,
        "AddedAt": machine.created_at,
        "LastAssessed": attempt.ended_at if attempt else None,
        "LastAnswered": answer.ended_at if answer else None,
        "LastOutcome": attempt.outcome.value if attempt else "",
        "Coverage": answer.coverage.value if answer else "",
        "FailureKind": failure.kind.value if failure else "",
        "FailureText": failure.describe() if failure else "",
        "Ready": attempt.is_ready if attempt else None,
        "Findings": list_findings(attempt.findings) if attempt else None,
    }


@cache
def _blank_rows() -> Mapping[str, Row]:
    """A row without content of each table, by name: hashing a table, with all its columns, costs more than a row."""
    return {
        table.name: {column.name: "" if column.type is ColumnType.STRING else None for column in table.columns}
        for table in TABLES
    }


def _begin(table: Table, machine: Machine, facts: MachineFacts, at: datetime) -> dict[str, Value]:
    os_type = facts.os_type or machine.os_type
    begun = {
        **_blank_rows()[table.name],
        "TimeGenerated": at,
        "SourceSystem": "OpsManager" if os_type is OSType.WINDOWS else "Linux",
        "SourceComputerId": machine.id,
        "Computer": machine.name,
        "ComputerEnvironment": "Non-Azure",
        "Type": table.name,
        "OSType": os_type.value if os_type else "",
        "VMUUID": facts.system_uuid or "",
    }
    return begun | {"Day": _day(at)} if "Day" in begun else begun


def _day(at: Value) -> date:
    if not isinstance(at, datetime):
        raise TypeError(f"TimeGenerated is {at!r}, not a time.")
    return at.date()


def _describe(update: Update) -> dict[str, Value]:
    columns: dict[str, Value] = {
        "Classification": update.classification.value,
        "Title": f"{update.name} {update.offered_version}",
        "Product": update.name,
        "ProductVersion": update.offered_version,
        "ProductArch": update.architecture,
        "PackageRepository": update.repository,
        "InstalledVersion": update.installed_version,
        "ClassificationSource": update.classification_source,
        "IsInstallable": update.is_installable,
        "NotInstallableReason": update.blocker.value if update.blocker else "",
        "NotInstallableDetail": update.blocker_detail,
        "SizeBytes": update.size_bytes,
        "PublishedDate": update.published_at,
        "BulletinID": ";".join(update.advisories),
        "BulletinUrl": ";".join(update.urls),
        "CVENumbers": ";".join(update.cves),
        "CVESource": update.cve_source or (update.repository if update.cves else ""),
        "CVESeverity": update.cve_severity,
        "KnownExploited": update.known_exploited,
        "PackageSeverity": update.severity,
        "SourcePackage": update.source_package,
    }
    return columns | update_columns(update, update.windows) if update.windows else columns


def _describe_system(facts: MachineFacts) -> dict[str, Value]:
    return {
        "OSName": facts.os_name or "",
        "OSVersion": facts.os_version or "",
        "OSFullName": facts.os_full_name or "",
        "Kernel": facts.kernel or "",
        "Architecture": facts.architecture or "",
        "PackageManager": facts.package_manager or "",
        "MachineId": facts.machine_id or "",
        "BootId": facts.boot_id or "",
        "BootedAt": facts.booted_at,
        "MetadataAt": facts.metadata_at,
        "RebootRequired": facts.reboot_required.value,
        "RebootReason": facts.reboot_reason,
        "ClockSkewSeconds": facts.clock_skew_seconds,
        **_describe_updaters(facts),
        "ServicesToRestart": None if facts.services_to_restart is None else _json(list(facts.services_to_restart)),
        "Disks": _json([{"path": d.path, "free": d.free_bytes, "total": d.total_bytes} for d in facts.disks]),
        "UpdateModel": facts.update_model.value if facts.update_model else "",
        "EndOfLife": facts.end_of_life.isoformat() if facts.end_of_life else "",
        "EndOfLifeSource": facts.end_of_life_source,
        "UptimeSeconds": facts.uptime_seconds,
    }


def _describe_updaters(facts: MachineFacts) -> dict[str, Value]:
    if facts.other_updaters is None:
        return {"OtherUpdaters": None, "OtherUpdaterRuns": None}
    runs = {updater.name: updater.last_ran_at.isoformat() for updater in facts.other_updaters if updater.last_ran_at}
    return {"OtherUpdaters": _json([updater.name for updater in facts.other_updaters]), "OtherUpdaterRuns": _json(runs)}


def _count(counts: MissingCounts, coverage: Coverage) -> dict[str, Value]:
    """The columns of counts; None for what the scan could not tell."""
    is_known = coverage is not Coverage.UNKNOWN
    return {
        "CriticalUpdatesMissing": counts.critical if is_known else None,
        "SecurityUpdatesMissing": counts.security if coverage is Coverage.COMPLETE else None,
        "OtherUpdatesMissing": counts.others if is_known else None,
        "UnclassifiedUpdatesMissing": counts.unclassified if is_known else None,
        "NotInstallableMissing": counts.not_installable if is_known else None,
        "DefinitionUpdatesMissing": counts.definitions if is_known else None,
        "SetAsideUpdatesMissing": counts.set_aside if is_known else None,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
