"""What an assessment lets one say: counts only where they are known, and what stands in the way in one line."""

from collections.abc import Sequence

from fleet.answers import Coverage
from fleet.assessments import MissingCounts
from fleet.failures import Failure, Finding, Severity


def known_counts(coverage: Coverage, counts: MissingCounts) -> tuple[int | None, ...]:
    """Missing: critical, security, others, unclassified, not installable; None where ``coverage`` cannot tell."""
    if coverage is Coverage.UNKNOWN:
        return (None,) * 5
    # Without a security repository what was seen is a lower bound, and none seen says nothing.
    none_seen = 0 if coverage is Coverage.COMPLETE else None
    return (
        counts.critical or none_seen,
        counts.security or none_seen,
        counts.others,
        counts.unclassified,
        counts.not_installable,
    )


def describe_problem(failure: Failure | None, findings: Sequence[Finding]) -> str:
    """What stands in the way on a machine: the failure, else the gravest finding; empty if nothing does."""
    if failure is not None:
        return failure.describe()
    grave = [finding for finding in findings if finding.severity is not Severity.INFO]
    grave.sort(key=lambda finding: finding.severity is not Severity.ERROR)
    more = f" (and {len(grave) - 1} more)" if len(grave) > 1 else ""
    return grave[0].describe() + more if grave else ""
