"""Answers that are not just yes or no."""

from enum import StrEnum


class Answer(StrEnum):
    """Whether something holds. Unknown is its own answer and never counts as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Coverage(StrEnum):
    """How much of the question "what is missing?" a scan could answer.

    COMPLETE: every configured repository spoke. UNCLASSIFIED: so it did, but nothing tells which updates are security
    updates (Arch, Alpine, rpm repositories without advisories). SECURITY_UNKNOWN: ordinary updates are known, security
    updates are not. UNKNOWN: nothing can be said, for example because the machine has no package lists.
    """

    COMPLETE = "complete"
    UNCLASSIFIED = "unclassified"
    SECURITY_UNKNOWN = "security-unknown"
    UNKNOWN = "unknown"

    @property
    def sees_every_update(self) -> bool:
        """Whether an update that the scan does not mention is not offered."""
        return self in (Coverage.COMPLETE, Coverage.UNCLASSIFIED)
