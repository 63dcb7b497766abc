"""Rows of the tables that state.db keeps the truth of: what was done, and what became of alerts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from fleet.alerts.records import AlertEvent
from fleet.audit_chain import Field
from fleet.records import Row, blank_row
from fleet.tables import ALERT, AUDIT

_SOURCE = "OpsManager"
# The day of an entry whose time somebody made unreadable: it is published nevertheless.
_NO_DAY = date(1970, 1, 1)


def audit_row(entry: Sequence[Field]) -> Row:
    """The row of Audit for an entry: its columns from its number to its hash."""
    number, at, user, ssh_client, command, action, target, before, after, origin, digest = entry
    moment = moment_of(str(at))
    return {
        **blank_row(AUDIT),
        "TimeGenerated": moment,
        "SourceSystem": _SOURCE,
        "Type": AUDIT.name,
        "Sequence": number,
        "OperationName": action,
        "Target": target,
        "Caller": user,
        "CallerIpAddress": str(ssh_client).partition(" ")[0],
        "Command": command,
        "Before": before or "",
        "After": after or "",
        "Hash": digest,
        "SshClient": ssh_client,
        "Origin": origin,
        "Day": moment.date() if moment else _NO_DAY,
    }


def alert_row(number: int, event: AlertEvent) -> Row:
    """The row of Alert for the event of that number."""
    at = event.at.astimezone(UTC)
    return {
        **blank_row(ALERT),
        "TimeGenerated": at,
        "SourceSystem": _SOURCE,
        "Type": ALERT.name,
        "AlertId": event.alert_id,
        "AlertName": event.rule_name,
        "AlertSeverity": event.severity.value,
        "AlertState": event.state.value,
        "AlertDescription": event.description,
        "AlertKey": event.key,
        "RuleKind": event.rule_kind.value,
        "Value": event.value,
        "Threshold": event.threshold,
        "TimeRaised": event.raised_at.astimezone(UTC),
        "Channels": ";".join(event.channels),
        "Caller": event.caller,
        "Note": event.note,
        "Sequence": number,
        "Day": at.date(),
    }


def moment_of(text: str) -> datetime | None:
    """The time of an entry in UTC, None where somebody made it unreadable."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
