"""The end of a system's life as a finding: from 90 days before it on."""

from collections.abc import Iterator
from datetime import date

from fleet.end_of_life import EndOfLife
from fleet.failures import Finding, FindingKind, Severity

NOTICE_DAYS = 90


def find_support_end(system: str, end: EndOfLife, today: date) -> Iterator[Finding]:
    """The finding that ``system`` gets no security updates for everybody any more, or soon; only information while
    an extension for everybody lasts."""
    if end.ends is None or (end.ends - today).days > NOTICE_DAYS:
        return
    support = end.support
    is_extended = bool(
        support and support.is_extended_for_all and support.extended_until and today <= support.extended_until
    )
    verb = "end" if end.ends >= today else "ended"
    text = f"Security updates of {system} {verb} on {end.ends.isoformat()}, says {end.source}. {end.note}".strip()
    severity = Severity.INFO if is_extended else Severity.WARNING
    yield Finding(FindingKind.END_OF_LIFE, severity, text, "Plan the upgrade to a later version of the system.")
