"""The alerts of an earlier instant: their rules as they were, what was open, and what had become of alerts by then."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from fleet.alerts.past import open_at
from fleet.alerts.rule import AlertRule
from fleet.errors import UnknownName
from ops.alerts.book import OpenAlert, gravest_first, list_events
from ops.home import Home
from ops.state.alerts import AlertBook, StoredEvent
from ops.state.database import opened
from ops.state.documents import Codec, load_stored

_RULES = Codec(AlertRule)
_ACTIONS = json.dumps(["alert.add", "alert.edit", "alert.remove"])
_CHANGED_SINCE = (
    "SELECT before, after FROM audit WHERE action IN (SELECT value FROM json_each(?)) AND at > ? ORDER BY id DESC"
)


@dataclass(frozen=True, slots=True)
class PastAlerts:
    """``rules`` by id; ``events`` are those until then, in order."""

    rules: Mapping[str, AlertRule]
    alerts: Sequence[OpenAlert]
    events: Sequence[StoredEvent]


def alerts_at(home: Home, at: datetime) -> PastAlerts:
    """The alerts of ``home`` as of ``at``. Blocking."""
    with opened(home.state_file) as connection:
        rules = rules_at(connection, at)
        stored = [each for each in AlertBook(connection).events() if each.event.at <= at]
    found = open_at((each.event for each in stored), at)
    return PastAlerts(rules, [OpenAlert(rules[key], record) for key, record in found if key in rules], stored)


def list_open_at(home: Home, at: datetime, name: str | None = None) -> Sequence[OpenAlert]:
    """The alerts that were open at ``at``, of the rule called ``name`` or all, ordered as `ops.alerts.book.list_open`.

    Raises:
        UnknownName: there was no such rule then.
    """
    then = alerts_at(home, at)
    if name is not None:
        rule = find_rule_at(then, name)
        return sorted((each for each in then.alerts if each.rule.id == rule.id), key=gravest_first)
    return sorted(then.alerts, key=gravest_first)


def find_rule_at(then: PastAlerts, name: str) -> AlertRule:
    """The rule that was called ``name``, whatever the case.

    Raises:
        UnknownName: there was none.
    """
    found = next((rule for rule in then.rules.values() if rule.name.casefold() == name.casefold()), None)
    if found is None:
        raise UnknownName("alert rule", name, [rule.name for rule in then.rules.values()])
    return found


def list_events_at(
    home: Home, at: datetime, name: str | None = None, limit: int | None = None
) -> Sequence[StoredEvent]:
    """What had become of alerts by ``at``, as `ops.alerts.book.list_events`.

    Raises:
        UnknownName: no rule has, or had, that name.
    """
    by_then = [each for each in list_events(home, name) if each.event.at <= at]
    return by_then[:limit]


def rules_at(connection: sqlite3.Connection, at: datetime) -> Mapping[str, AlertRule]:
    """The rules as they were defined at ``at``, by id: those of now, with the audit undone backwards."""
    then = {rule.id: rule for rule in AlertBook(connection).list()}
    changes = connection.execute(_CHANGED_SINCE, (_ACTIONS, at.astimezone(UTC).isoformat(timespec="microseconds")))
    for before, after in changes:
        if before is None:
            then.pop(load_stored(_RULES, after).id, None)
        else:
            rule = load_stored(_RULES, before)
            then[rule.id] = rule
    return dict(sorted(then.items(), key=lambda item: item[1].name.casefold()))
