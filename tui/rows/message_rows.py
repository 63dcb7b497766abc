"""Messages as rows: what people were told on which channel, whether it came there, and what came back."""

from collections.abc import Iterable
from datetime import datetime

from fleet.deliveries import DeliveryStatus, Outcome
from fleet.hostile import clean, clean_name
from ops.state.deliveries import StoredDelivery
from tui.rows.ages import describe_age, describe_seconds, describe_time
from tui.rows.alert_rows import SEVERITY_TONES
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

MESSAGE_COLUMNS = (
    TableColumn("time", "Time", most=17, least=17, priority=0),
    TableColumn("status", "Status", most=10, least=9, priority=0),
    TableColumn("channel", "Channel", most=32, least=8, priority=1),
    TableColumn("title", "Message", most=100, least=20, priority=1),
    TableColumn("severity", "Severity", most=13, least=8, priority=4),
    TableColumn("kind", "Kind", most=20, least=10, priority=5),
    TableColumn("tries", "Tries", is_number=True, priority=3),
    TableColumn("said", "What came back", most=100, least=16, priority=2),
    TableColumn("id", "Id", most=40, least=8, priority=6),
)
STATUS_TONES = {
    DeliveryStatus.WAITING: Tone.PENDING,
    DeliveryStatus.DELIVERED: Tone.GOOD,
    DeliveryStatus.FAILED: Tone.BAD,
    DeliveryStatus.SKIPPED: Tone.OFFLINE,
}


def message_rows(deliveries: Iterable[StoredDelivery]) -> list[Row]:
    """A row for each delivery, in the order given."""
    return [_row(each) for each in deliveries]


def describe_delivery(delivery: StoredDelivery, now: datetime) -> list[tuple[Piece, ...]]:
    """All of a delivery in a few lines: what was to be told, how that went, when it is tried again."""
    message, record = delivery.message, delivery.record
    head = (
        Piece(clean(message.title), Tone.STRONG),
        Piece(message.severity.value, SEVERITY_TONES[message.severity]),
        *labelled("on", delivery.channel),
    )
    stands = (Piece(delivery.status.value, STATUS_TONES[delivery.status]), Piece(clean(record.last_said)))
    tries = "once" if record.tries == 1 else f"{record.tries:,} times"
    went = [*labelled("Tried", tries)]
    if record.delivered_at is not None and delivery.status is DeliveryStatus.DELIVERED:
        went += labelled("· came", describe_time(record.delivered_at))
    if delivery.next_at is not None:
        went += labelled("· again", describe_time(delivery.next_at))
    return [head, stands, (*went, *_about(delivery, now))]


def whole_delivery(delivery: StoredDelivery) -> str:
    """The message with all its facts and items, and every attempt that is kept; to be read and scrolled."""
    message, record = delivery.message, delivery.record
    parts = [clean(message.title), "", *message.text.splitlines(), ""]
    parts += [f"{clean_name(name)}: {clean(value)}" for name, value in message.facts.items()]
    parts += ["", *(f"- {clean(item)}" for item in message.items)]
    if (more := message.item_count - len(message.items)) > 0:
        parts.append(f"… and {more:,} more")
    parts += [f"Attached: {clean_name(each.name)}, {len(each.text):,} characters" for each in message.attachments]
    parts += ["", f"{message.kind.value}, {message.severity.value}, id {message.id}, {describe_time(message.at)}"]
    parts += ["", f"On {delivery.channel}: {delivery.status.value}, tried {record.tries:,} times."]
    parts += [
        f"{describe_time(each.at)}  {each.outcome.value} after {describe_seconds(each.seconds)}: {clean(each.said)}"
        for each in record.attempts
    ]
    parts += [clean(record.note)] if record.note else []
    if record.sent is not None:
        parts += ["", "What was handed over:", "", clean(record.sent.title), *record.sent.text.splitlines()]
    return "\n".join(parts)


def may_be_retried(delivery: StoredDelivery) -> bool:
    """Whether there is a sense in trying it again: it has not arrived."""
    return delivery.status is not DeliveryStatus.DELIVERED


def _about(delivery: StoredDelivery, now: datetime) -> tuple[Piece, ...]:
    message = delivery.message
    counted = labelled("· about", f"{message.item_count:,}") if message.item_count else ()
    return (Piece(f"· {message.kind.value}, {describe_age(message.at, now)}", Tone.DIM), *counted)


def _row(delivery: StoredDelivery) -> Row:
    message, record = delivery.message, delivery.record
    cells = (
        describe_time(message.at),
        delivery.status.value,
        clean_name(delivery.channel),
        clean(message.title),
        message.severity.value,
        message.kind.value,
        f"{record.tries:,}",
        clean(record.last_said),
        clean_name(message.id),
    )
    refused = bool(record.attempts) and record.attempts[-1].outcome is not Outcome.DELIVERED
    tones = (
        Tone.NORMAL,
        STATUS_TONES[delivery.status],
        Tone.NORMAL,
        Tone.STRONG,
        SEVERITY_TONES[message.severity],
        Tone.DIM,
        Tone.DIM,
        Tone.BAD if refused else Tone.DIM,
        Tone.DIM,
    )
    order = (message.at, cells[1], *map(str.casefold, cells[2:4]), message.severity.number, cells[5], record.tries)
    return Row(str(delivery.id), cells, tones, (*order, *cells[7:]))
