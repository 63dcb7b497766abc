"""The readiness checks of a machine as rows: what needs a look stands first."""

from datetime import UTC, datetime

from fleet.answers import Answer, Coverage
from fleet.facts import MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.machines import Machine, TransportKind
from fleet.readiness import CHECKS, Reading, judge_all
from tui.rows.check_rows import check_rows

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_failed_checks_come_first_then_warnings_then_the_rest() -> None:
    """The order of the checks is kept within each of the three."""
    machine = Machine("m", "web-01", TransportKind.LOCAL, _NOW)
    facts = MachineFacts(package_manager="apt", reboot_required=Answer.YES)
    findings = (
        Finding(FindingKind.LISTS_STALE, Severity.WARNING, "Old.", "Fetch them."),
        Finding(FindingKind.DISK_FULL, Severity.ERROR, "Full.", "Make room."),
        Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, "Locked.", "Wait."),
    )
    reading = Reading(machine, _NOW, Coverage.COMPLETE, facts, findings, None)

    names = [row.key for row in check_rows(judge_all(reading))]

    first = ["lock", "disk-space", "lists", "reboot"]
    assert names == [*first, *(check.name for check in CHECKS if check.name not in first)]
