"""The metrics of alerts, of messages on their way to people, and of the audit."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from fleet import metric_catalogue as catalogue
from fleet.alerts.records import EVALUATION
from fleet.metrics import Family, Samples, only
from ops.state.alerts import AlertBook

MOST_RULES = 200
# Read by SQLite: there may be one for every machine.
_OPEN_ALERTS = """
SELECT rule_id, json_extract(document, '$.acknowledgement') IS NOT NULL, key = ?, count(*)
FROM alerts
WHERE json_extract(document, '$.opened_at') IS NOT NULL AND json_extract(document, '$.resolved_at') IS NULL
GROUP BY 1, 2, 3
"""
_DELIVERIES = "SELECT channel, status, count(*) FROM deliveries GROUP BY 1, 2 ORDER BY 1, 2"
_WAITING = """
SELECT channel, min(messages.at)
FROM deliveries JOIN messages ON messages.id = deliveries.message_id
WHERE deliveries.next_at IS NOT NULL
GROUP BY 1 ORDER BY 1
"""


def telling_families(connection: sqlite3.Connection) -> Iterator[Family]:
    """All metrics of who gets told of what."""
    yield from _alerts(connection)
    deliveries: Samples = {(channel, status): count for channel, status, count in connection.execute(_DELIVERIES)}
    yield Family(catalogue.DELIVERIES, deliveries)
    waiting: Samples = {(channel,): _seconds(at) for channel, at in connection.execute(_WAITING)}
    yield Family(catalogue.OLDEST_WAITING, waiting)
    last = connection.execute("SELECT id, at FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    # Entries are never removed: the number of the last is how many there ever were.
    yield only(catalogue.AUDIT_ENTRIES, 0 if last is None else last[0])
    yield only(catalogue.AUDIT_NEWEST, None if last is None else _seconds(last[1]))


def _alerts(connection: sqlite3.Connection) -> Iterator[Family]:
    counts: Counter[tuple[str, bool]] = Counter()
    failing = set()
    for rule_id, is_acknowledged, is_evaluation, count in connection.execute(_OPEN_ALERTS, (EVALUATION,)):
        counts[rule_id, bool(is_acknowledged)] += count
        failing |= {rule_id} if is_evaluation else set()
    known = AlertBook(connection).list()
    # A rule that is disabled has no alerts.
    rules = [rule for rule in known if rule.is_enabled or counts[rule.id, False] or counts[rule.id, True]]
    told = rules[:MOST_RULES]
    yield Family(
        catalogue.ALERTS_OPEN,
        {
            (rule.name, rule.severity.value, word): counts[rule.id, is_acknowledged]
            for rule in told
            for word, is_acknowledged in (("no", False), ("yes", True))
        },
    )
    yield Family(catalogue.RULE_EVALUATED, {(rule.name,): int(rule.id not in failing) for rule in told})
    yield Family(catalogue.LEFT_OUT, {("rules",): len(rules) - len(told)})


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
