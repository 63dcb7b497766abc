"""The class of an update by the words of rpm repositories: one rule for updateinfo's types and SUSE's categories."""

from fleet.updates import Classification


def classify_advisory(kind: str, severity: str) -> Classification:
    """The class of an advisory by its type (security, bugfix, recommended ...) and its vendor's severity.

    A security advisory that its vendor calls critical is a critical update, as the record tables have it; every other
    one of security is a security update, whatever its severity, and the rest are others.
    """
    if kind.lower() != "security":
        return Classification.OTHERS
    return Classification.CRITICAL if severity.lower() == "critical" else Classification.SECURITY
