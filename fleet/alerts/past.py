"""Which alerts were open at an earlier instant, from what became of alerts until then. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from fleet.alerts.records import Acknowledgement, AlertEvent, AlertRecord, AlertState


def open_at(events: Iterable[AlertEvent], at: datetime) -> list[tuple[str, AlertRecord]]:
    """The alerts that were open at ``at``, each with its rule's id, in the order in which they opened.

    ``events`` are in the order in which they happened. Which machine an alert is about, and whether people were told,
    no event says.
    """
    records: dict[str, tuple[str, AlertRecord]] = {}
    for event in events:
        if event.at > at:
            break
        if event.state is AlertState.RESOLVED:
            records.pop(event.alert_id, None)
        else:
            known = records.get(event.alert_id)
            records[event.alert_id] = event.rule_id, _after(event, known[1] if known else None)
    return list(records.values())


def _after(event: AlertEvent, known: AlertRecord | None) -> AlertRecord:
    record = known or AlertRecord(event.key, "", event.raised_at, alert_id=event.alert_id, opened_at=event.raised_at)
    record = replace(record, description=event.description, value=event.value)
    if event.state is AlertState.ACKNOWLEDGED:
        return replace(record, acknowledgement=Acknowledgement(event.caller, event.at, event.note, event.value))
    return record
