"""The alert book: the rules, the alerts that are open, and all that became of alerts, in order."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from fleet.alerts.checking import check_rule
from fleet.alerts.records import AlertEvent, AlertRecord, RuleMemory
from fleet.alerts.rule import AlertRule
from fleet.errors import BadInput, UnknownName
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_RULES = Codec(AlertRule)
_RECORDS = Codec(AlertRecord)
_MEMORIES = Codec(RuleMemory)
EVENTS: Codec[AlertEvent] = Codec(AlertEvent)

# Under it `ops.store.state_rows` remembers the number of the last event that the table Alert has.
_PUBLISHED = "patchdeck.alerts"


class StoredEvent(NamedTuple):
    """An event with its number in the order in which things happened."""

    number: int
    event: AlertEvent


class AlertBook:
    """The alerts of one home. Names of rules are unique whatever their case; changes of rules are audited."""

    def __init__(self, connection: sqlite3.Connection, audit: Audit | None = None) -> None:
        self._connection = connection
        self._audit = audit or Audit(connection)

    def list(self) -> list[AlertRule]:
        """All rules by name."""
        rows = self._connection.execute("SELECT document FROM alert_rules ORDER BY name")
        return [load_stored(_RULES, document) for (document,) in rows]

    def get(self, name: str) -> AlertRule | None:
        """The rule called ``name``, whatever the case; None where there is none."""
        row = self._connection.execute("SELECT document FROM alert_rules WHERE name = ?", (name,)).fetchone()
        return None if row is None else load_stored(_RULES, row[0])

    def find(self, name: str) -> AlertRule:
        """The rule called ``name``, whatever the case.

        Raises:
            UnknownName: there is none.
        """
        if (rule := self.get(name)) is None:
            raise UnknownName("alert rule", name, [each.name for each in self.list()])
        return rule

    def put(self, rule: AlertRule) -> bool:
        """Keep ``rule`` in the place of the one of its id, if there is one; whether that changed anything.

        Raises:
            BadInput: it cannot be used, or another rule has its name.
        """
        check_rule(rule)
        with transaction(self._connection):
            before = next((each for each in self.list() if each.id == rule.id), None)
            if before == rule:
                return False
            namesake = self.get(rule.name)
            if namesake is not None and namesake.id != rule.id:
                raise BadInput(
                    f"There is already an alert rule {namesake.name!r}: give another name, or edit that one."
                )
            if before is not None:
                self._connection.execute("DELETE FROM alert_rules WHERE name = ?", (before.name,))
            self._connection.execute(
                "INSERT INTO alert_rules (name, document) VALUES (?, ?)", (rule.name, _RULES.dump(rule))
            )
            was = None if before is None else _RULES.dump(before)
            self._audit.record("alert.edit" if before else "alert.add", rule.name, was, _RULES.dump(rule))
        return True

    def remove(self, name: str) -> AlertRule:
        """Remove the rule called ``name`` with what it remembers, and return it; its history stays.

        Raises:
            UnknownName: there is none.
        """
        with transaction(self._connection):
            rule = self.find(name)
            self._connection.execute("DELETE FROM alert_rules WHERE name = ?", (name,))
            self._connection.execute("DELETE FROM alerts WHERE rule_id = ?", (rule.id,))
            self._connection.execute("DELETE FROM alert_memories WHERE rule_id = ?", (rule.id,))
            self._audit.record("alert.remove", rule.name, _RULES.dump(rule), None)
        return rule

    def records(self, rule_id: str) -> Mapping[str, AlertRecord]:
        """The alerts of a rule by their keys, also those about to open, and those whose end is still to be told."""
        rows = self._connection.execute("SELECT key, document FROM alerts WHERE rule_id = ?", (rule_id,))
        return {key: load_stored(_RECORDS, document) for key, document in rows}

    def all_records(self) -> Iterator[tuple[str, AlertRecord]]:
        """The alerts of all rules, each with the id of its rule."""
        for rule_id, document in self._connection.execute("SELECT rule_id, document FROM alerts ORDER BY rule_id, key"):
            yield rule_id, load_stored(_RECORDS, document)

    def keep_records(self, rule_id: str, kept: Iterable[AlertRecord], dropped: Iterable[str]) -> None:
        """Keep the alerts ``kept`` of a rule as they are now, and none of the keys ``dropped``."""
        with transaction(self._connection):
            self._connection.executemany(
                "DELETE FROM alerts WHERE rule_id = ? AND key = ?", [(rule_id, key) for key in dropped]
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO alerts (rule_id, key, document) VALUES (?, ?, ?)",
                [(rule_id, record.key, _RECORDS.dump(record)) for record in kept],
            )

    def memory(self, rule_id: str) -> RuleMemory:
        """What a rule remembers beside its alerts."""
        row = self._connection.execute("SELECT document FROM alert_memories WHERE rule_id = ?", (rule_id,)).fetchone()
        return RuleMemory() if row is None else load_stored(_MEMORIES, row[0])

    def remember(self, rule_id: str, memory: RuleMemory) -> None:
        """Keep what a rule remembers."""
        with transaction(self._connection):
            self._connection.execute(
                "INSERT OR REPLACE INTO alert_memories (rule_id, document) VALUES (?, ?)",
                (rule_id, _MEMORIES.dump(memory)),
            )

    def add_events(self, events: Iterable[AlertEvent]) -> None:
        """Add ``events`` in their order. They are never changed."""
        with transaction(self._connection):
            self._connection.executemany(
                "INSERT INTO alert_events (at, rule_id, key, document) VALUES (?, ?, ?, ?)",
                [(each.at.isoformat(), each.rule_id, each.key, EVENTS.dump(each)) for each in events],
            )

    def forget_events(self, before: datetime) -> int:
        """Forget the events of the time ``before`` that the table Alert has, and say how many. The last one stays."""
        with transaction(self._connection):
            return self._connection.execute(
                "DELETE FROM alert_events WHERE at < ? AND id < (SELECT value FROM meta WHERE key = ?)",
                (before.isoformat(), _PUBLISHED),
            ).rowcount

    def events(
        self,
        *,
        after: int = 0,
        rule_id: str | None = None,
        key: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
    ) -> Sequence[StoredEvent]:
        """The events with a number greater than ``after``, of one rule or all, in their order or the newest first.

        With ``key`` only those of what the alert is about.
        """
        order = "DESC" if newest_first else "ASC"
        # Only what is asked for: with a condition that may hold for all, no index is used.
        of_rule = "AND rule_id = ?2" if rule_id is not None else ""
        of_key = "AND key = ?3" if key is not None else ""
        rows = self._connection.execute(
            f"SELECT id, document FROM alert_events WHERE id > ?1 {of_rule} {of_key} "  # noqa: S608 - ours only
            f"ORDER BY id {order} LIMIT ?4",
            (after, rule_id, key, -1 if limit is None else limit),
        )
        return [StoredEvent(number, load_stored(EVENTS, document)) for number, document in rows]
