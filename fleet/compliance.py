"""Whether a machine is compliant, judged from its last assessments; empty, stale and unreachable never are."""

from datetime import datetime, timedelta
from enum import StrEnum

from fleet.answers import Coverage
from fleet.assessments import MissingCounts
from fleet.failures import FailureKind
from fleet.machines import OSType

# Update Management took a Linux scan as fresh for 5 h and a Windows one for 14 h (azure-update-management.md).
FRESH_LINUX = timedelta(hours=5)
FRESH_WINDOWS = timedelta(hours=14)


class Compliance(StrEnum):
    """A machine's compliance. NON_COMPLIANT: a critical or security update is missing.

    UNREACHABLE and FAILED are both of the last attempt: nothing could be asked, or no answer could be had.
    OUTSIDE_SCOPE: Patchdeck may not touch it, whatever it said before.
    """

    COMPLIANT = "compliant"
    NON_COMPLIANT = "non-compliant"
    UNKNOWN = "unknown"
    STALE = "stale"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    NOT_ASSESSED = "not-assessed"
    DISABLED = "disabled"
    OUTSIDE_SCOPE = "outside-scope"

    @property
    def is_assessed(self) -> bool:
        """Whether the answer rests on a fresh and whole assessment: what "42 of 45 assessed" counts."""
        return self in (Compliance.COMPLIANT, Compliance.NON_COMPLIANT)


# What needs a look first stands first.
BY_URGENCY = (
    Compliance.NON_COMPLIANT,
    Compliance.UNREACHABLE,
    Compliance.FAILED,
    Compliance.UNKNOWN,
    Compliance.STALE,
    Compliance.NOT_ASSESSED,
    Compliance.COMPLIANT,
    Compliance.DISABLED,
    Compliance.OUTSIDE_SCOPE,
)


def judge(
    *,
    now: datetime,
    enabled: bool,
    os_type: OSType | None,
    last_failure: FailureKind | None,
    answered_at: datetime | None,
    coverage: Coverage | None,
    counts: MissingCounts | None,
    in_scope: bool = True,
) -> Compliance:
    """The compliance of one machine at ``now``.

    ``answered_at``, ``coverage`` and ``counts`` are those of the last assessment that the machine answered, None if
    it never did. The first of these that holds is the answer: disabled, outside the scope, last attempt failed, never
    answered, answer too old, a critical or security update known to be missing, answer not whole.
    """
    if not enabled:
        return Compliance.DISABLED
    if not in_scope:
        return Compliance.OUTSIDE_SCOPE
    if last_failure is not None:
        return Compliance.UNREACHABLE if last_failure.means_unreachable else Compliance.FAILED
    if answered_at is None or coverage is None or counts is None:
        return Compliance.NOT_ASSESSED
    if now - answered_at > freshness_limit(os_type):
        return Compliance.STALE
    if counts.critical or counts.security:
        return Compliance.NON_COMPLIANT
    if not coverage.sees_every_update or counts.unclassified:
        return Compliance.UNKNOWN
    return Compliance.COMPLIANT


def freshness_limit(os_type: OSType | None) -> timedelta:
    """How old an assessment may be and still speak for the machine."""
    return FRESH_WINDOWS if os_type is OSType.WINDOWS else FRESH_LINUX
