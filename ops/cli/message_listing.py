"""Messages and their deliveries as rows and lines of the command line."""

from collections.abc import Iterator, Sequence

from fleet.hostile import clean
from fleet.messages import Message
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text
from ops.state.deliveries import StoredDelivery

_COLUMNS = (
    Column("at", "When"),
    Column("kind", "About"),
    Column("severity", "Severity", is_extra=True),
    Column("title", "Title"),
    Column("channel", "Channel"),
    Column("status", "Status"),
    Column("tries", "Tries", is_number=True, is_extra=True),
    Column("last_said", "Said", is_extra=True),
    Column("next_at", "Due", is_extra=True),
    Column("delivered_at", "", is_extra=True),
    Column("message_id", "Message"),
    Column("sent_title"),
    Column("sent_text"),
    Column("sent_sha256"),
    Column("attempts"),
)


def list_deliveries(deliveries: Sequence[StoredDelivery]) -> Listing:
    """A row for each delivery, in the order given."""
    return Listing(_COLUMNS, [_row(delivery) for delivery in deliveries])


def message_lines(message: Message, deliveries: Sequence[StoredDelivery]) -> Iterator[str]:
    """A message in full, then what was sent where and what came back, attempt by attempt."""
    for label, value in (
        ("Message", message.id),
        ("When", as_text(message.at)),
        ("About", message.kind.value),
        ("Severity", message.severity.value),
        ("Title", message.title),
    ):
        yield f"{label + ':':<10}{clean(value)}"
    yield from (clean(line) for line in message.text.splitlines())
    yield from (clean(f"{name}: {value}") for name, value in message.facts.items())
    yield from (clean(f"- {item}") for item in message.items)
    if message.item_count > len(message.items):
        yield f"and {message.item_count - len(message.items):,} more"
    yield from (clean(f"Attached: {each.name} ({each.media_type})") for each in message.attachments)
    for delivery in deliveries:
        yield ""
        yield from _delivery_lines(delivery)


def _delivery_lines(delivery: StoredDelivery) -> Iterator[str]:
    record = delivery.record
    # Not "tried at": others are before it, and a channel that takes nothing is left alone.
    due = f", due {'again ' if record.tries else ''}from {as_text(delivery.next_at)} on" if delivery.next_at else ""
    note = f": {record.note}" if record.note else ""
    yield clean(f"Channel {delivery.channel}: {delivery.status.value}{due}{note}")
    for attempt in record.attempts:
        yield clean(f"  {as_text(attempt.at)} {attempt.outcome.value} in {attempt.seconds:.1f} s: {attempt.said}")
    if record.sent is not None and record.sent.title:
        yield clean(f"  Sent as {record.sent.title!r}, SHA-256 {record.sent.sha256}")
        yield from (f"    {clean(line)}" for line in record.sent.text.splitlines())


def _row(delivery: StoredDelivery) -> tuple[object, ...]:
    message, record = delivery.message, delivery.record
    return (
        message.at,
        message.kind.value,
        message.severity.value,
        message.title,
        delivery.channel,
        delivery.status.value,
        record.tries,
        record.last_said,
        delivery.next_at,
        record.delivered_at,
        message.id,
        record.sent.title if record.sent else None,
        record.sent.text if record.sent else None,
        record.sent.sha256 if record.sent else None,
        record.attempts,
    )
