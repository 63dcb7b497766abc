"""Alert rules, open alerts and what became of alerts, as rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from fleet.alerts.back_test import BackTest
from fleet.alerts.rule import AlertRule
from fleet.alerts.wording import describe_condition, number_text
from ops.alerts.book import OpenAlert
from ops.alerts.previewing import Preview
from ops.cli.listing import Column, Listing
from ops.cli.values import format_age
from ops.state.alerts import StoredEvent


def _number(value: object) -> str:
    return number_text(value if isinstance(value, float) else None)


_RULES = (
    Column("name", "Name"),
    Column("severity", "Severity"),
    Column("is_enabled", "On"),
    Column("open", "Open", is_number=True),
    Column("condition", "Fires on"),
    Column("channels", "Channels", is_extra=True),
    Column("repeat_minutes"),
    Column("quiet_hours"),
    Column("starter"),
    Column("description"),
    Column("id"),
)
_OPEN = (
    Column("severity", "Severity"),
    Column("rule", "Rule"),
    Column("key", "About"),
    Column("description", "Found"),
    Column("value"),
    Column("threshold"),
    Column("opened_at"),
    Column("age", "For"),
    Column("acknowledged_by", "Taken by"),
    Column("note", "Note", is_extra=True),
    Column("acknowledged_at"),
    Column("told_at"),
    Column("alert_id"),
)
_EVENTS = (
    Column("number"),
    Column("at", "When"),
    Column("state", "What"),
    Column("severity", "Severity"),
    Column("rule", "Rule"),
    Column("key", "About"),
    Column("description", "Found"),
    Column("value"),
    Column("threshold"),
    Column("raised_at"),
    Column("caller", "By", is_extra=True),
    Column("note", "Note", is_extra=True),
    Column("alert_id"),
)

_STARTERS = (
    Column("name", "Name"),
    Column("severity", "Severity"),
    Column("is_chosen", "Chosen"),
    Column("condition", "Fires on"),
    Column("description", "Why", is_extra=True),
)
_INSTANCES = (
    Column("key", "About"),
    Column("value", "Value", _number, is_number=True),
    Column("fires", "Fires"),
    Column("text", "Found"),
)
_TELLINGS = (
    Column("at", "When"),
    Column("opened"),
    Column("still_open"),
    Column("resolved"),
)


def list_starter_rules(rules: Sequence[AlertRule], chosen: Collection[str]) -> Listing:
    """A row for each rule of the starter set; ``chosen`` are the names of those that were added."""
    rows = [
        (rule.name, rule.severity, rule.starter in chosen, describe_condition(rule), rule.description) for rule in rules
    ]
    return Listing(_STARTERS, rows)


def list_instances(seen: Preview) -> Listing:
    """A row for each measured value: those that it fires at first, then those that are not known, then the others."""
    others = [each for each in seen.measured.instances if each not in {*seen.found, *seen.unknown}]
    told = [*((each, True) for each in seen.found), *((each, None) for each in seen.unknown)]
    told += [(each, False) for each in others]
    return Listing(_INSTANCES, [(each.key, each.value, fires, each.text) for each, fires in told])


def list_tellings(test: BackTest) -> Listing:
    """A row for each message that there would have been, with the keys that it would have told of."""
    rows = [
        (telling.at, *([record.key for record in part] for part in (told.opened, told.repeated, told.resolved)))
        for telling in test.tellings
        for told in (telling.told,)
    ]
    return Listing(_TELLINGS, rows)


def list_alert_rules(rules: Sequence[AlertRule], open_counts: Mapping[str, int]) -> Listing:
    """A row for each rule."""
    return Listing(_RULES, [_rule_row(rule, open_counts.get(rule.id, 0)) for rule in rules])


def list_open_alerts(alerts: Sequence[OpenAlert], now: datetime) -> Listing:
    """A row for each open alert, in the order given."""
    return Listing(_OPEN, [_open_row(alert, now) for alert in alerts])


def list_alert_events(events: Sequence[StoredEvent]) -> Listing:
    """A row for each event, in the order given."""
    return Listing(_EVENTS, [_event_row(stored) for stored in events])


def _rule_row(rule: AlertRule, open_count: int) -> tuple[object, ...]:
    quiet = [span.text for span in rule.quiet.spans]
    return (
        rule.name,
        rule.severity,
        rule.is_enabled,
        open_count,
        describe_condition(rule),
        rule.channels,
        rule.repeat_minutes,
        [f"{text} {rule.quiet.zone}" for text in quiet],
        rule.starter,
        rule.description,
        rule.id,
    )


def _open_row(alert: OpenAlert, now: datetime) -> tuple[object, ...]:
    rule, record, taken = alert.rule, alert.record, alert.record.acknowledgement
    return (
        rule.severity,
        rule.name,
        record.key,
        record.description,
        record.value,
        rule.threshold,
        record.opened_at,
        format_age(None if record.opened_at is None else now - record.opened_at),
        taken.by if taken else "",
        taken.note if taken else "",
        taken.at if taken else None,
        record.told_at,
        record.alert_id,
    )


def _event_row(stored: StoredEvent) -> tuple[object, ...]:
    event = stored.event
    return (
        stored.number,
        event.at,
        event.state,
        event.severity,
        event.rule_name,
        event.key,
        event.description,
        event.value,
        event.threshold,
        event.raised_at,
        event.caller,
        event.note,
        event.alert_id,
    )
