"""Rules and what they find, in words: for messages, lists and pages alike."""

from datetime import datetime, timedelta

from fleet.alerts.records import EVALUATION, AlertRecord
from fleet.alerts.rule import AlertRule, Comparison, RuleKind
from fleet.deployments.durations import describe_span

_COMPARED = {
    Comparison.MORE: "more than",
    Comparison.AT_LEAST: "at least",
    Comparison.LESS: "less than",
    Comparison.AT_MOST: "at most",
    Comparison.EQUAL: "exactly",
}

# Above it not every whole number is one that a float can be.
_EXACT = 2.0**53


def describe_condition(rule: AlertRule) -> str:
    """When the rule fires: ``machine runs with status Failed in the last 1 h, for each deployment: more than 0``."""
    split = f", for each {' and '.join(rule.split_by)}" if rule.split_by else ""
    return f"{_measured(rule)}{_window(rule)}{split}: {_COMPARED[rule.comparison]} {number_text(rule.threshold)}"


def describe_alert(record: AlertRecord) -> str:
    """An alert in one line: what it is about, and what was found."""
    if record.key in ("", EVALUATION):
        return record.description
    return f"{record.key}: {record.description}"


def describe_age(record: AlertRecord, now: datetime) -> str:
    """For how long it has been open; empty where it is not."""
    return "" if record.opened_at is None else describe_span(now - record.opened_at)


def number_text(value: float | None) -> str:
    """A number as people write it, without the fraction where there is none; a dash where it is not known."""
    if value is None:
        return "–"
    return f"{int(value):,}" if abs(value) < _EXACT and value == int(value) else f"{value:,.6g}"


def minutes_text(minutes: int) -> str:
    """A span of minutes: ``1 h``, ``3 d 4 h``."""
    return describe_span(timedelta(minutes=minutes))


def _measured(rule: AlertRule) -> str:
    if rule.measure is not None:
        values = " ".join(f"{name}={value}" for name, value in rule.measure.parameters)
        asked = f"{rule.measure.query} ({values})" if values else rule.measure.query
        if not rule.measure.column:
            return f"rows of {asked}"
        return f"{rule.measure.aggregate} {rule.measure.column} of {asked}"
    signal = rule.signal
    counted = "deployment runs" if rule.kind is RuleKind.DEPLOYMENT_RUNS else "machine runs"
    named = (("of", signal.deployment), ("on", signal.machine), ("in the run", signal.run))
    masks = "".join(f" {word} {mask}" for word, mask in named if mask != "*")
    return f"{counted}{masks}{f' with status {_or(signal.statuses)}' if signal.statuses else ''}"


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(names)


def _window(rule: AlertRule) -> str:
    return f" in the last {minutes_text(rule.window_minutes)}" if rule.window_minutes else ""
