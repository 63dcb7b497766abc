"""The metrics of alerts, of messages on their way to people, and of the audit."""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

from fleet import metric_catalogue as catalogue
from fleet.alerts.records import EVALUATION
from fleet.deliveries import DeliveryStatus
from fleet.metrics import Family, Samples, only
from ops.messages.failures import failing_channels
from ops.state.alerts import AlertBook
from ops.state.channels import ChannelBook
from ops.state.deliveries import DeliveryBook

MOST_RULES = 200
# Read by SQLite: there may be one for every machine.
_OPEN_ALERTS = """
SELECT rule_id, json_extract(document, '$.acknowledgement') IS NOT NULL, key = ?, count(*)
FROM alerts
WHERE json_extract(document, '$.opened_at') IS NOT NULL AND json_extract(document, '$.resolved_at') IS NULL
GROUP BY 1, 2, 3
"""


def telling_families(connection: sqlite3.Connection) -> Iterator[Family]:
    """All metrics of who gets told of what."""
    yield from _alerts(connection)
    yield from _messages(connection)
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


def _messages(connection: sqlite3.Connection) -> Iterator[Family]:
    book = DeliveryBook(connection)
    channels = [channel for channel in ChannelBook(connection).list() if channel.is_enabled]
    counts: dict[str, tuple[str, Mapping[DeliveryStatus, int]]] = {
        channel.name.casefold(): (channel.name, {}) for channel in channels
    }
    # Of a channel that is off or gone only what is kept.
    counts |= {name.casefold(): (name, found) for name, found in book.counts().items()}
    deliveries: Samples = {
        (name, status.value): found.get(status, 0) for name, found in counts.values() for status in DeliveryStatus
    }
    yield Family(catalogue.DELIVERIES, deliveries)
    waiting: Samples = {(name,): since.timestamp() for name, since in book.waiting_since().items()}
    yield Family(catalogue.OLDEST_WAITING, waiting)
    failing = {each.channel.casefold() for each in failing_channels(connection)}
    yield Family(
        catalogue.CHANNEL_FAILING, {(channel.name,): int(channel.name.casefold() in failing) for channel in channels}
    )


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()
