"""Rows of the tables Cve and MissingFix."""

from collections.abc import Iterable
from datetime import datetime

from fleet.assessments import Assessment
from fleet.cves import CveRecord, MissingFix
from fleet.machines import Machine
from fleet.records import Row, row_of_machine
from fleet.tables import CVE, MISSING_FIX


def cve_row(record: CveRecord, feed: str, read_at: datetime) -> Row:
    """The row of Cve for what the feed called ``feed`` says, read at ``read_at``."""
    return {
        "TimeGenerated": read_at,
        "CVE": record.cve,
        "Feed": feed,
        "Severity": record.severity.value if record.severity else "",
        "SeverityText": record.severity_text,
        "Score": record.score,
        "KnownExploited": record.known_exploited,
        "PublishedAt": record.published_at,
        "ExploitedSince": record.exploited_since,
        "DueAt": record.due_at,
        "Title": record.title,
        "Url": record.url,
        "Type": CVE.name,
    }


def missing_fix_rows(machine: Machine, assessment: Assessment, missing: Iterable[MissingFix]) -> list[Row]:
    """Rows of MissingFix for the fixes that an answered assessment found the machine to lack, in their order.

    FirstSeen is the time of the assessment: what was known before is for the store to keep.
    """
    same = row_of_machine(MISSING_FIX, machine, assessment) | {"FirstSeen": assessment.ended_at}
    return [
        same
        | {
            "CVE": fix.cve,
            "Product": fix.product,
            "ProductArch": fix.architecture,
            "InstalledVersion": fix.installed_version,
            "FixedVersion": fix.fixed_version,
            "OfferedVersion": fix.offered_version,
            "Source": fix.source,
            "BulletinID": fix.advisories,
            "NotInstallableReason": fix.blocker,
            "IsOffered": fix.is_offered,
        }
        for fix in missing
    ]
