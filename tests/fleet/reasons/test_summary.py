"""The reasons of many machines put together."""

from fleet.reasons.reason import Reason, ReasonKind, Weight
from fleet.reasons.summary import group_reasons

_HELD = Reason(ReasonKind.BLOCKED, Weight.STOPS, "Held.", about="held")
_LOCKED = Reason(ReasonKind.BLOCKED, Weight.STOPS, "Locked.", about="version-locked")
_STALE = Reason(ReasonKind.STALE, Weight.MAY_STOP, "Old.")


def test_reason_is_told_once_with_its_machines() -> None:
    """What stops the most comes first; a machine that has a reason twice counts once."""
    groups = group_reasons(
        [("c", [_HELD, _STALE]), ("a", [_STALE]), ("b", [_LOCKED]), ("a", [_HELD, _HELD]), ("c", [_HELD])]
    )
    assert [(each.example, each.machines, each.leading) for each in groups] == [
        (_HELD, ("a", "c"), 2),
        (_LOCKED, ("b",), 1),
        (_STALE, ("a", "c"), 1),
    ]
