"""What became of alerts in the 90 days: opened, told, told again, taken upon somebody, resolved; by the product's own
state machine, over what `Watch` finds.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from fleet.alerts.firing import Fired, Told, acknowledged_event, fire
from fleet.alerts.measured import Measured
from fleet.alerts.records import Acknowledgement, AlertEvent, AlertRecord, RuleMemory
from fleet.alerts.rule import AlertRule
from fleet.alerts.telling import Posting
from generator.alert_rules import ACKS, Ack, RuleChange
from generator.alert_watch import Watch
from generator.deeds import Deed
from generator.era import NOW, identity
from ops.alerts.evaluating import messages_of
from ops.state import Audit
from ops.state.alerts import AlertBook
from ops.store.batch import Batch

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class _Kept:
    """The alerts of one rule as they are by now."""

    rule: AlertRule
    records: dict[str, AlertRecord]
    memory: RuleMemory


class AlertHistory:
    """The alerts of the sample, evaluated after each scan with the rules of that time."""

    def __init__(self, changes: Sequence[RuleChange]) -> None:
        self._changes = list(changes)
        self._acks = list(ACKS)
        self._kept: dict[str, _Kept] = {}
        self._ids = count()
        self.events: list[AlertEvent] = []
        self.postings: list[Posting] = []

    @property
    def rules(self) -> Sequence[AlertRule]:
        """Those that are enabled by now."""
        return [kept.rule for kept in self._kept.values() if kept.rule.is_enabled]

    def live_through(self, batches: Iterable[Batch], watch: Watch) -> None:
        """Evaluate after each of ``batches``, in the minute after its last scan."""
        for at, batch in sorted(((_ended_at(batch), batch) for batch in batches), key=lambda pair: pair[0]):
            for assessment in sorted(batch.assessments, key=lambda each: each.ended_at):
                watch.take_in(assessment)
            self._catch_up(at)
            self.evaluate({rule.id: watch.measure(rule, at) for rule in self.rules}, at)

    def evaluate(self, measured: Mapping[str, Measured], at: datetime) -> None:
        """What ``measured``, by the ids of rules, makes of their alerts at ``at``."""
        told: list[tuple[AlertRule, Told]] = []
        for rule_id, found in measured.items():
            kept = self._kept[rule_id]
            fired = fire(kept.rule, kept.records, kept.memory, found, at, partial(self._new_id, "alert"))
            self._keep(kept, fired)
            told.append((kept.rule, fired.told))
        self.postings += messages_of(told, at, partial(self._new_id, "message"))

    def keep(self, connection: sqlite3.Connection) -> None:
        """Put it into the home, whose rules are there already."""
        book = AlertBook(connection)
        for rule_id, kept in self._kept.items():
            book.keep_records(rule_id, kept.records.values(), ())
            if kept.memory.told_at is not None:
                book.remember(rule_id, kept.memory)
        book.add_events(self.events)

    def _catch_up(self, at: datetime) -> None:
        while self._changes and self._changes[0].at <= at:
            rule = self._changes.pop(0).rule
            kept = self._kept.setdefault(rule.id, _Kept(rule, {}, RuleMemory()))
            kept.rule = rule
        while self._acks and self._acks[0].at <= at:
            self._acknowledge(self._acks.pop(0))

    def _acknowledge(self, ack: Ack) -> None:
        kept = next(kept for kept in self._kept.values() if kept.rule.name == ack.rule)
        record = kept.records[ack.key]
        taken = Acknowledgement(ack.by.name, ack.at, ack.note, record.value)
        kept.records[ack.key] = replace(record, acknowledgement=taken)
        self.events.append(acknowledged_event(kept.rule, kept.records[ack.key], ack.at, ack.by.name, ack.note))

    def _keep(self, kept: _Kept, fired: Fired) -> None:
        for key in fired.dropped:
            del kept.records[key]
        kept.records |= {record.key: record for record in fired.kept}
        kept.memory = fired.memory
        self.events += fired.events

    def _new_id(self, purpose: str) -> str:
        return identity(purpose, next(self._ids))


def ack_deeds() -> Iterator[Deed]:
    """That alerts were acknowledged, for the audit."""
    for ack in ACKS:
        yield Deed(ack.at, ack.by, ack.command, _noting(ack))


def _noting(ack: Ack) -> Callable[[sqlite3.Connection, Audit], None]:
    told = json.dumps({"note": ack.note, "alerts": 1, "keys": [ack.key]})
    return lambda _, audit: audit.record("alert.acknowledge", ack.rule, None, told)


def _ended_at(batch: Batch) -> datetime:
    last = max(assessment.ended_at for assessment in batch.assessments).replace(second=0, microsecond=0)
    return min(last + _MINUTE, NOW)
