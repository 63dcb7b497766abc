"""What is kept of alerts: each that is open or about to be, what a rule remembers, and all that became of them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.alerts.rule import RuleKind
from fleet.alerts.severity import Severity

# The key of the alert that says that its rule cannot be evaluated.
EVALUATION = "(evaluation)"


class AlertState(StrEnum):
    """What became of an alert, as in the table Alert."""

    OPENED = "Opened"
    REPEATED = "Repeated"
    ACKNOWLEDGED = "Acknowledged"
    RESOLVED = "Resolved"


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that became of an alert: one row of the table Alert.

    Args:
        alert_id: the same from when it opens until it is resolved.
        rule_name, rule_kind, severity, threshold, channels: the rule's at that time.
        key: what it is about within the rule; empty for the whole fleet.
        description: what was found, in one line.
        value: what was measured; None where nothing is any more.
        raised_at: when it opened.
        caller: who acknowledged it; empty for what the service did.
        note: what was said on acknowledging it, or why it was resolved otherwise than by itself.
    """

    at: datetime
    state: AlertState
    alert_id: str
    rule_id: str
    rule_name: str
    rule_kind: RuleKind
    severity: Severity
    key: str
    description: str
    threshold: float
    raised_at: datetime
    value: float | None = None
    channels: tuple[str, ...] = ()
    caller: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who took an alert upon them and what they said; ``value`` is what was measured then."""

    by: str
    at: datetime
    note: str = ""
    value: float | None = None


@dataclass(frozen=True, slots=True)
class AlertRecord:
    """An alert of a rule: about to open, open, or resolved without that people were told yet.

    Args:
        description, value: what was last found.
        machine: the machine that it is about, by name or id; empty where it is about none.
        alert_id: empty until it opens.
        found: how many evaluations in a row found it, until it opened; ``counted_at`` is when the last of them did.
        opened_at: None until it opens.
        told_at: when people were last told of it; None where they were not yet.
        clear_since: since when it has not been found any more.
        resolved_at: when it was resolved; people who heard of it are still to be told.
        acknowledgement: who took it upon them; None once it got worse.
        has_worsened: it got worse after it had been acknowledged, and people are still to be told.
    """

    key: str
    description: str
    counted_at: datetime
    value: float | None = None
    machine: str = ""
    alert_id: str = ""
    found: int = 1
    opened_at: datetime | None = None
    told_at: datetime | None = None
    clear_since: datetime | None = None
    resolved_at: datetime | None = None
    acknowledgement: Acknowledgement | None = None
    has_worsened: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it opened and was not resolved."""
        return self.opened_at is not None and self.resolved_at is None


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What a rule remembers beside its alerts: when people were last told of any of them."""

    told_at: datetime | None = None
