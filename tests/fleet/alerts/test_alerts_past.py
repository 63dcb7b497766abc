"""Which alerts were open at an earlier instant."""

from datetime import UTC, datetime, timedelta

from fleet.alerts.past import open_at
from fleet.alerts.records import AlertEvent, AlertState
from fleet.alerts.rule import RuleKind
from fleet.alerts.severity import Severity

BEGAN = datetime(2026, 11, 12, 14, 0, tzinfo=UTC)


def happened(minutes: int, alert: str, state: AlertState, value: float) -> AlertEvent:
    """What became of ``alert`` that many minutes after the beginning."""
    at = BEGAN + timedelta(minutes=minutes)
    kind, severity = RuleKind.QUERY, next(iter(Severity))
    return AlertEvent(at, state, alert, "rule", "r", kind, severity, alert, f"{value}", 1.0, BEGAN, value, caller="ann")


EVENTS = (
    happened(0, "a", AlertState.OPENED, 1),
    happened(5, "b", AlertState.OPENED, 2),
    happened(6, "a", AlertState.REPEATED, 3),
    happened(7, "a", AlertState.ACKNOWLEDGED, 3),
    happened(9, "a", AlertState.RESOLVED, 0),
)


def test_alert_is_open_from_when_it_opens_until_it_is_resolved() -> None:
    """In between it has the value that was found last, and whoever took it upon them by then."""
    at = [open_at(EVENTS, BEGAN + timedelta(minutes=minutes)) for minutes in (-1, 0, 6, 7, 9)]
    assert [[(r.alert_id, r.value) for _, r in found] for found in at] == [
        [],
        [("a", 1)],
        [("a", 3), ("b", 2)],
        [("a", 3), ("b", 2)],
        [("b", 2)],
    ]
    taken = [found[0][1].acknowledgement for found in at[2:4]]
    assert taken[0] is None
    assert taken[1] is not None and taken[1].by == "ann"
