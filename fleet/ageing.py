"""How long the oldest security update has been missing, in days and in Update Management's words."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from fleet.updates import Blocker, Classification

_SET_ASIDE = (Blocker.HIDDEN.value, Blocker.OPTIONAL.value)


def oldest_security(current: Iterable[Mapping[str, object]]) -> datetime | None:
    """When the oldest security update among ``current``, rows of Update, was first seen; None where there is none."""
    security = (
        row["FirstSeen"]
        for row in current
        if row["Classification"] == Classification.SECURITY.value and row["NotInstallableReason"] not in _SET_ASIDE
    )
    return min((seen for seen in security if isinstance(seen, datetime)), default=None)


def age_bucket(days: int) -> str:
    """The age in Update Management's words."""
    # Update Management's words, in steps of 30 days; 180 is the last before Older.
    start = days // 30 * 30
    if start == 0:
        return "Recent"
    return f"{start} days ago" if start <= 180 else "Older"
