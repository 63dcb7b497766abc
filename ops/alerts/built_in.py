"""Alerts that no rule has opened: channels that do not deliver. They end by themselves; all they have is events."""

from collections.abc import Iterator

from fleet.alerts.records import Acknowledgement, AlertEvent, AlertRecord, AlertState
from fleet.alerts.rule import AlertRule
from ops.messages.failure_alerts import CHANNELS
from ops.state.alerts import AlertBook

_MOST_LOOKED_AT = 1_000


def open_built_in(book: AlertBook) -> Iterator[tuple[AlertRule, AlertRecord]]:
    """Those that are open, each with what stands in the place of its rule."""
    last: dict[str, AlertEvent] = {}
    for stored in book.events(rule_id=CHANNELS, newest_first=True, limit=_MOST_LOOKED_AT):
        last.setdefault(stored.event.key.casefold(), stored.event)
    for event in last.values():
        if event.state is not AlertState.RESOLVED:
            yield _rule(event), _record(event)


def _rule(event: AlertEvent) -> AlertRule:
    return AlertRule(event.rule_id, event.rule_name, event.rule_kind, event.severity, channels=event.channels)


def _record(event: AlertEvent) -> AlertRecord:
    is_taken = event.state is AlertState.ACKNOWLEDGED
    return AlertRecord(
        key=event.key,
        description=event.description,
        counted_at=event.at,
        value=event.value,
        alert_id=event.alert_id,
        opened_at=event.raised_at,
        told_at=event.raised_at,
        acknowledgement=Acknowledgement(event.caller, event.at, event.note, event.value) if is_taken else None,
    )
