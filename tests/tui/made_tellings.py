"""Alerts, channels, messages and deeds made by hand, as the service and administrators leave them."""

from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from fleet.alerts.records import AlertEvent, AlertRecord, AlertState
from fleet.alerts.rule import AlertRule, QueryMeasure, RuleKind, RunSignal
from fleet.alerts.severity import Severity
from fleet.audit_origin import Origin
from fleet.channels import Channel, ChannelKind
from fleet.deliveries import Attempt, DeliveryRecord, DeliveryStatus, Outcome
from fleet.messages import Message, MessageKind
from ops.home import Home
from ops.state.alerts import AlertBook
from ops.state.audit import Actor, Audit
from ops.state.channels import ChannelBook
from ops.state.database import connect
from ops.state.deliveries import DeliveryBook
from ops.state.outbox import Outbox

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
OVERDUE = AlertRule(
    "10000000-0000-4000-8000-000000000001",
    "security-overdue",
    RuleKind.QUERY,
    Severity.ERROR,
    "Deploy them, or exclude them with a reason.",
    measure=QueryMeasure("security-missing-long", (("days", "30"),)),
    split_by=("Computer",),
    repeat_minutes=1_440,
    channels=("ops-mail",),
)
FAILED = AlertRule(
    "10000000-0000-4000-8000-000000000002",
    "run-failed",
    RuleKind.DEPLOYMENT_RUNS,
    Severity.CRITICAL,
    signal=RunSignal(statuses=("Failed",)),
    window_minutes=1_440,
    split_by=("deployment",),
    channels=("ops-mail", "pager"),
)
STALE = replace(
    OVERDUE, id="10000000-0000-4000-8000-000000000003", name="lists-stale", severity=Severity.WARNING, is_enabled=False
)
MAIL = Channel(
    "20000000-0000-4000-8000-000000000001", "ops-mail", ChannelKind.COMMAND, "/bin/true", command=("/bin/true",)
)
PAGER = Channel(
    "20000000-0000-4000-8000-000000000002", "pager", ChannelKind.COMMAND, "/bin/false", command=("/bin/false",)
)
ANNA = Actor(
    "root (anna)",
    "192.0.2.7 50122 22",
    "patchdeck machines edit web-01 --address 192.0.2.44",
    Origin(0, 1_001, "pts/3", "jump-01", 4_711),
)


@dataclass(frozen=True, slots=True)
class Texts:
    """What stands in the fields that people, machines and receivers fill."""

    found: str = "openssl 3.0.11 has been missing for 41 days"
    note: str = "rebooting it tonight"
    said: str = "the mail server answered 451: try again later"
    target: str = "web-fra-01"


def make_open(rule: AlertRule, key: str, hours: float, texts: Texts) -> tuple[AlertRecord, AlertEvent]:
    """An alert of ``rule`` that opened so long ago, and the event of that."""
    at = NOW - timedelta(hours=hours)
    number = 1_000 + int(hours * 10)
    alert_id = f"30000000-0000-4000-8000-{number:012d}"
    record = AlertRecord(
        key, texts.found, at, 41.0, machine=key, alert_id=alert_id, opened_at=at, told_at=at + timedelta(minutes=1)
    )
    event = AlertEvent(
        at,
        AlertState.OPENED,
        alert_id,
        rule.id,
        rule.name,
        rule.kind,
        rule.severity,
        key,
        texts.found,
        rule.threshold,
        at,
        41.0,
        rule.channels,
    )
    return record, event


def make_told_home(home: Home, texts: Texts | None = None) -> None:
    """Three rules with three open alerts, two channels, a message that came and one that fails, and some deeds."""
    texts = texts or Texts()
    with closing(connect(home.state_file)) as connection:
        audit = Audit(connection, ANNA, clock=lambda: NOW - timedelta(hours=1))
        _keep_channels(ChannelBook(connection, audit))
        _keep_alerts(AlertBook(connection, audit), texts)
        before = '{"name": "web-fra-01", "address": "192.0.2.4", "tags": {"env": "prod"}}'
        after = '{"name": "web-fra-01", "address": "192.0.2.44", "tags": {"env": "prod", "ring": "2"}}'
        audit.record("machine.edit", texts.target, before, after)
        _post(Outbox(connection), DeliveryBook(connection), texts)


def _keep_channels(book: ChannelBook) -> None:
    for channel in (MAIL, PAGER):
        book.put(channel)


def _keep_alerts(book: AlertBook, texts: Texts) -> None:
    for rule in (OVERDUE, FAILED, STALE):
        book.put(rule)
    made = [
        (OVERDUE, make_open(OVERDUE, "web-fra-01", 5, texts)),
        (OVERDUE, make_open(OVERDUE, "db-ams-02", 30, texts)),
        (FAILED, make_open(FAILED, "web", 2, texts)),
    ]
    for rule, (record, event) in made:
        book.keep_records(rule.id, [record], [])
        book.add_events([event])


def _post(outbox: Outbox, book: DeliveryBook, texts: Texts) -> None:
    message = Message(
        "40000000-0000-4000-8000-000000000001",
        MessageKind.ALERT_OPENED,
        Severity.ERROR,
        NOW - timedelta(hours=5),
        f"security-overdue: {texts.found}",
        texts.found,
        {"Rule": "security-overdue"},
        (f"web-fra-01: {texts.found}",),
        1,
    )
    outbox.post(message, ["ops-mail", "pager"])
    for delivery in book.list():
        came = delivery.channel == "ops-mail"
        outcome = Outcome.DELIVERED if came else Outcome.FAILED
        attempt = Attempt(NOW - timedelta(hours=4), 0.4, outcome, "accepted" if came else texts.said)
        record = DeliveryRecord((attempt,), 1, delivered_at=attempt.at if came else None)
        book.note(delivery.id, DeliveryStatus.DELIVERED if came else DeliveryStatus.FAILED, record)
