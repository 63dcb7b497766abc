"""Alerts as rows: those that are open, the gravest first, and all that became of alerts."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.alerts.records import EVALUATION, AlertRecord, AlertState
from fleet.alerts.severity import Severity
from fleet.alerts.wording import number_text
from fleet.hostile import clean, clean_name
from ops.state.alerts import StoredEvent
from tui.rows.ages import describe_age, describe_time
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from ops.alerts.book import OpenAlert

ALERT_COLUMNS = (
    TableColumn("about", "About", most=40, least=14, priority=0),
    TableColumn("severity", "Severity", most=13, least=8, priority=0),
    TableColumn("rule", "Rule", most=40, least=14, priority=1),
    TableColumn("since", "Since", most=9, least=7, priority=2),
    TableColumn("state", "State", most=28, least=12, priority=1),
    TableColumn("value", "Value", most=12, is_number=True, priority=4),
    TableColumn("found", "What was found", most=120, least=24, priority=3),
)
EVENT_COLUMNS = (
    TableColumn("time", "Time", most=17, least=17, priority=0),
    TableColumn("became", "Became", most=12, least=12, priority=0),
    TableColumn("about", "About", most=40, least=14, priority=1),
    TableColumn("severity", "Severity", most=13, least=8, priority=3),
    TableColumn("rule", "Rule", most=40, least=14, priority=2),
    TableColumn("found", "What was found", most=120, least=24, priority=4),
    TableColumn("by", "By", most=24, least=6, priority=5),
    TableColumn("note", "Note", most=80, least=10, priority=5),
)
SEVERITY_TONES = {
    Severity.CRITICAL: Tone.BAD,
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.PENDING,
    Severity.INFORMATIONAL: Tone.DIM,
}
_STATE_TONES = {
    AlertState.OPENED: Tone.BAD,
    AlertState.REPEATED: Tone.PENDING,
    AlertState.ACKNOWLEDGED: Tone.ACCENT,
    AlertState.RESOLVED: Tone.GOOD,
}


def about_text(key: str) -> str:
    """What an alert is about: ``web-01``, ``whole fleet``, ``the rule itself``."""
    return "the rule itself" if key == EVALUATION else clean_name(key) or "whole fleet"


def alert_rows(alerts: "Iterable[OpenAlert]", now: datetime) -> list[Row]:
    """A row for each open alert: the gravest first, of those the newest."""
    return [_alert_row(each, now) for each in sorted(alerts, key=_gravity)]


def event_rows(events: Iterable[StoredEvent]) -> list[Row]:
    """A row for each thing that became of an alert, in the order given."""
    return [_event_row(each) for each in events]


def gravest_facts(alerts: "Iterable[OpenAlert]") -> list[Piece]:
    """``2 Critical``, ``5 Warning``: how many are open of each severity, the gravest first."""
    counts = Counter(alert.rule.severity for alert in alerts)
    return [Piece(f"{counts[each]:,} {each.value}", SEVERITY_TONES[each]) for each in Severity if counts[each]]


def describe_alert(alert: "OpenAlert", now: datetime) -> list[tuple[Piece, ...]]:
    """All of an open alert in a few lines, what was found first."""
    rule, record = alert.rule, alert.record
    head = (
        Piece(about_text(record.key), Tone.STRONG),
        Piece(rule.severity.value, SEVERITY_TONES[rule.severity]),
        *labelled("by the rule", rule.name),
        *labelled("· open since", f"{describe_time(record.opened_at)}, {describe_age(record.opened_at, now)}"),
    )
    lines: list[tuple[Piece, ...]] = [head, (Piece(clean(record.description)),)]
    if (taken := record.acknowledgement) is not None:
        who = f"{clean(taken.by)} at {describe_time(taken.at)}"
        lines.append((*labelled("Acknowledged by", who, Tone.ACCENT), Piece(clean(taken.note))))
    told = f"{describe_time(record.told_at)} on {', '.join(rule.channels)}" if record.told_at else "nobody yet"
    lines.append((*labelled("Told", told), *labelled("· measured", number_text(record.value))))
    return lines


def describe_event(event: StoredEvent) -> list[tuple[Piece, ...]]:
    """All of what became of an alert."""
    told = event.event
    lines: list[tuple[Piece, ...]] = [
        (
            Piece(about_text(told.key), Tone.STRONG),
            Piece(told.severity.value, SEVERITY_TONES[told.severity]),
            *labelled("by the rule", clean_name(told.rule_name)),
            *labelled("·", f"{told.state.value.lower()} at {describe_time(told.at)}", _STATE_TONES[told.state]),
        ),
        (Piece(clean(told.description)),),
    ]
    if told.caller or told.note:
        lines.append((*labelled("By", clean(told.caller) or "the service"), Piece(clean(told.note))))
    return [*lines, labelled("Open since", describe_time(told.raised_at))]


def _gravity(alert: "OpenAlert") -> tuple[int, float, str]:
    since = alert.record.opened_at
    return alert.rule.severity.number, -since.timestamp() if since else 0.0, alert.record.key.casefold()


def _state_of(record: AlertRecord) -> tuple[str, Tone]:
    if record.acknowledgement is not None:
        return f"taken by {clean(record.acknowledgement.by)}", Tone.ACCENT
    if record.has_worsened:
        return "worse than when taken", Tone.BAD
    return "open", Tone.NORMAL


def _alert_row(alert: "OpenAlert", now: datetime) -> Row:
    rule, record = alert.rule, alert.record
    state, tone = _state_of(record)
    cells = (
        about_text(record.key),
        rule.severity.value,
        rule.name,
        describe_age(record.opened_at, now),
        state,
        number_text(record.value),
        clean(record.description),
    )
    tones = (
        Tone.STRONG,
        SEVERITY_TONES[rule.severity],
        Tone.NORMAL,
        Tone.NORMAL,
        tone,
        Tone.NORMAL,
        Tone.DIM,
    )
    order = (cells[0].casefold(), rule.severity.number, rule.name.casefold(), record.opened_at, state, record.value)
    return Row(alert.record.alert_id, cells, tones, (*order, cells[6]))


def _event_row(stored: StoredEvent) -> Row:
    event = stored.event
    cells = (
        describe_time(event.at),
        event.state.value,
        about_text(event.key),
        event.severity.value,
        clean_name(event.rule_name),
        clean(event.description),
        clean(event.caller),
        clean(event.note),
    )
    tones = (
        Tone.NORMAL,
        _STATE_TONES[event.state],
        Tone.STRONG,
        SEVERITY_TONES[event.severity],
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (stored.number, cells[1], cells[2].casefold(), event.severity.number, cells[4].casefold(), *cells[5:])
    return Row(str(stored.number), cells, tones, order)
