"""Rows of the tables Cve and MissingFix."""

from datetime import datetime

from fleet.assessments import Assessment
from fleet.cves import CveRecord, MissingFix
from fleet.machines import Machine
from fleet.records import Row, row_of_machine
from fleet.tables import CVE, MISSING_FIX

FIX_COLUMNS = (
    "CVE",
    "Product",
    "ProductArch",
    "InstalledVersion",
    "FixedVersion",
    "OfferedVersion",
    "Source",
    "BulletinID",
    "NotInstallableReason",
    "IsOffered",
)


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


def lacking_row(machine: Machine, assessment: Assessment) -> Row:
    """What the rows of MissingFix say of the machine itself; the columns of `FIX_COLUMNS` hold nothing.

    FirstSeen is the time of the assessment: what was known before is for the store to keep.
    """
    return row_of_machine(MISSING_FIX, machine, assessment) | {"FirstSeen": assessment.ended_at}


def fix_values(fix: MissingFix) -> Row:
    """What a row of MissingFix says of the fix, the same for every machine that lacks it: `FIX_COLUMNS`."""
    return {
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
