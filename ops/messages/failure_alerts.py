"""The alert of a channel that does not deliver: opened when messages are given up, resolved when one arrives again.

There is no rule for it, since a rule could be without channels that work: it is in the history of alerts and the table
Alert, while the fallback of the channel and the status of the service tell people.
"""

import sqlite3
import uuid
from dataclasses import replace
from datetime import datetime

from fleet.alerts.records import AlertEvent, AlertState
from fleet.alerts.rule import RuleKind
from fleet.alerts.severity import Severity
from fleet.channels import Channel
from fleet.name_lists import some_of
from ops.state.alerts import AlertBook

# What stands in the place of a rule's id and name.
CHANNELS = "channels"
_NAME = "channel does not deliver"


def open_alert(connection: sqlite3.Connection, channel: Channel, lost: list[str], said: str, at: datetime) -> None:
    """Note that the channel did not deliver the messages with the titles ``lost``, unless that is noted already."""
    if lost and _find_open(connection, channel) is None:
        event = AlertEvent(
            at=at,
            state=AlertState.OPENED,
            alert_id=str(uuid.uuid4()),
            rule_id=CHANNELS,
            rule_name=_NAME,
            rule_kind=RuleKind.QUERY,
            severity=Severity.ERROR,
            key=channel.name,
            description=f"{some_of(lost, 3)}: {said}",
            threshold=0.0,
            raised_at=at,
            value=float(len(lost)),
            channels=() if channel.fallback is None else (channel.fallback,),
        )
        AlertBook(connection).add_events([event])


def resolve_alert(
    connection: sqlite3.Connection, channel: Channel, at: datetime, why: str = "a message was delivered"
) -> None:
    """Note that the channel delivers again, or is no more, if it was noted that it did not deliver."""
    opened = _find_open(connection, channel)
    if opened is not None:
        resolved = replace(opened, at=at, state=AlertState.RESOLVED, value=None, caller="", note=why)
        AlertBook(connection).add_events([resolved])


def _find_open(connection: sqlite3.Connection, channel: Channel) -> AlertEvent | None:
    events = AlertBook(connection).events(rule_id=CHANNELS, key=channel.name, newest_first=True, limit=1)
    last = events[0].event if events else None
    return None if last is None or last.state is AlertState.RESOLVED else last
