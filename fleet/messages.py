"""A message to people: made by alerts, runs, approvals and reports, carried by channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from fleet.alerts.severity import Severity


class MessageKind(StrEnum):
    """What a message is about, as it is spelt in the JSON of a webhook."""

    ALERT_OPENED = "alert.opened"
    ALERT_REPEATED = "alert.repeated"
    ALERT_RESOLVED = "alert.resolved"
    DEPLOYMENT_NOTICE = "deployment.notice"
    DEPLOYMENT_STARTED = "deployment.started"
    DEPLOYMENT_ENDED = "deployment.ended"
    APPROVAL_WANTED = "approval.wanted"
    APPROVAL_LAPSED = "approval.lapsed"
    REPORT = "report"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message; ``text`` is its content, at most some MiB."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message. What machines said in it is cleaned already (`fleet.hostile`); each channel escapes for its form.

    Args:
        id: unique; a receiver that sees it twice has the same message twice.
        title: one line.
        text: what happened and what to do, plain lines of text.
        facts: names and values, in the order in which they are shown.
        items: what it is about (machines, runs), the first few of them, one line each.
        item_count: how many there are in all.
    """

    id: str
    kind: MessageKind
    severity: Severity
    at: datetime
    title: str
    text: str = ""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    items: tuple[str, ...] = ()
    item_count: int = 0
    attachments: tuple[Attachment, ...] = ()
