"""Rules for tests, and evaluations of them one after the other."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fleet.alerts.firing import Fired, fire
from fleet.alerts.measured import Instance, Measured
from fleet.alerts.records import AlertEvent, AlertRecord, RuleMemory
from fleet.alerts.rule import AlertRule, QueryMeasure, RuleKind

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def made_rule(**more: object) -> AlertRule:
    """A rule over a query, split by machine, that fires above 0 and tells at once."""
    fields: dict[str, object] = {
        "id": "rule",
        "name": "disk-low",
        "kind": RuleKind.QUERY,
        "measure": QueryMeasure("low-disk-space"),
        "split_by": ("Computer",),
        "channels": ("ops",),
        "group_minutes": 0,
    }
    return AlertRule(**{**fields, **more})  # type: ignore[arg-type]  # of several types


def found(**values: float | None) -> Measured:
    """An evaluation with these values, by machine."""
    return Measured(tuple(Instance(key, value, f"{value}", key) for key, value in values.items()))


@dataclass
class Watched:
    """A rule with what is kept of it, evaluated minute by minute unless told otherwise."""

    rule: AlertRule
    now: datetime = NOON
    records: dict[str, AlertRecord] = field(default_factory=dict)
    memory: RuleMemory = field(default_factory=RuleMemory)
    events: list[AlertEvent] = field(default_factory=list)
    ids: Iterator[int] = field(default_factory=itertools.count)

    def see(self, measured: Measured, after: timedelta = MINUTE) -> Fired:
        """Evaluate ``after`` the last time; what becomes of it is kept, as a service keeps it."""
        self.now += after
        fired = fire(self.rule, self.records, self.memory, measured, self.now, lambda: f"alert-{next(self.ids)}")
        for key in fired.dropped:
            del self.records[key]
        self.records |= {record.key: record for record in fired.kept}
        if fired.told:
            self.memory = fired.memory
        self.events += fired.events
        return fired

    @property
    def states(self) -> list[str]:
        """What became of alerts, in order."""
        return [f"{event.state} {event.key}".strip() for event in self.events]


def keys(records: tuple[AlertRecord, ...]) -> list[str]:
    """What the alerts are about."""
    return [record.key for record in records]
