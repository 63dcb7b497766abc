"""The delivery book: what of the outbox is due, what came of it, and what is let go when it is old."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from fleet.deliveries import LONGEST_WAIT, DeliveryRecord, DeliveryStatus
from fleet.errors import BadInput, UnknownName
from fleet.messages import Message
from ops.state.audit import Audit
from ops.state.database import transaction
from ops.state.documents import Codec, load_stored

_MESSAGES = Codec(Message)
_RECORDS = Codec(DeliveryRecord)
_COLUMNS = "deliveries.id, message_id, channel, status, next_at, deliveries.document, messages.document"
_FROM = f"SELECT {_COLUMNS} FROM deliveries JOIN messages ON messages.id = message_id"  # noqa: S608 - ours only
_IS_WANTED = """(coalesce(json_extract(deliveries.document, '$.tries'), 0) = 0
    AND (json_extract(messages.document, '$.kind') = 'test'
         OR json_extract(deliveries.document, '$.asked_at') IS NOT NULL))"""
_OVER = (DeliveryStatus.DELIVERED.value, DeliveryStatus.FAILED.value)


@dataclass(frozen=True, slots=True)
class StoredDelivery:
    """A delivery as it is kept, with its message. ``next_at`` is when it is tried (again), None: never."""

    id: int
    message: Message
    channel: str
    status: DeliveryStatus
    next_at: datetime | None
    record: DeliveryRecord

    @property
    def asked_at(self) -> datetime:
        """When it was asked for last: by the message, or by somebody who had it tried again."""
        return self.record.asked_at or self.message.at


class DeliveryBook:
    """The deliveries of one home. A connection is for one thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def due_channels(self, now: datetime) -> Mapping[str, datetime]:
        """The channels that something waits for, each with when the first of it is due, which may be past.

        What waits for longer than anything may is due: the clock was set back.
        """
        rows = self._connection.execute(
            "SELECT min(channel), min(CASE WHEN next_at > ?1 THEN '' ELSE next_at END) FROM deliveries "
            "WHERE next_at IS NOT NULL GROUP BY channel",
            (_text(now + 2 * LONGEST_WAIT),),
        )
        return {channel: datetime.fromisoformat(at) if at else now for channel, at in rows}

    def due_of(self, channel: str, now: datetime, limit: int) -> Sequence[StoredDelivery]:
        """The deliveries of the channel that are due: those that somebody waits for, then as they were posted."""
        return self._select(
            "WHERE channel = ? AND next_at IS NOT NULL AND (next_at <= ? OR next_at > ?) "
            f"ORDER BY {_IS_WANTED} DESC, deliveries.id LIMIT ?",
            (channel, _text(now), _text(now + 2 * LONGEST_WAIT), limit),
        )

    def is_wanted(self, channel: str, now: datetime) -> bool:
        """Whether somebody waits for a delivery of the channel: a test, or one to be tried again, not tried yet."""
        return bool(self._select(f"WHERE channel = ? AND next_at <= ? AND {_IS_WANTED} LIMIT 1", (channel, _text(now))))

    def list(
        self,
        channel: str | None = None,
        statuses: Iterable[DeliveryStatus] | None = None,
        message_id: str | None = None,
        limit: int | None = None,
    ) -> Sequence[StoredDelivery]:
        """The deliveries, latest first."""
        chosen = None if statuses is None else ",".join(status.value for status in statuses)
        # With a condition that may hold for all, the index of messages is not used.
        of_message = "" if message_id is None else "AND message_id = ?3 "
        return self._select(
            "WHERE (?1 IS NULL OR channel = ?1) AND (?2 IS NULL OR instr(',' || ?2 || ',', ',' || status || ',')) "
            f"{of_message}ORDER BY deliveries.id DESC LIMIT ?4",
            (channel, chosen, message_id, -1 if limit is None else limit),
        )

    def find_message(self, text: str) -> Message:
        """The message whose id is ``text`` or, as the only one, begins so.

        Raises:
            UnknownName: there is none.
            BadInput: there are several.
        """
        query = "SELECT document FROM messages WHERE substr(id, 1, ?) = ? ORDER BY id = ? DESC, at DESC LIMIT 2"
        found = [
            load_stored(_MESSAGES, document) for (document,) in self._connection.execute(query, (len(text), text, text))
        ]
        if text and len(found) > 1 and found[0].id != text:
            raise BadInput(f"Several messages begin with {text!r}: {found[0].id}, {found[1].id}, … Write more of it.")
        if not text or not found:
            latest = self._connection.execute("SELECT id FROM messages ORDER BY at DESC LIMIT 20")
            raise UnknownName("message", text, [row[0] for row in latest])
        return found[0]

    def note(
        self, delivery_id: int, status: DeliveryStatus, record: DeliveryRecord, next_at: datetime | None = None
    ) -> None:
        """Keep what came of an attempt, or why none was made."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE deliveries SET status = ?, next_at = ?, document = ? WHERE id = ?",
                (status.value, None if next_at is None else _text(next_at), _RECORDS.dump(record), delivery_id),
            )

    def ask_again(self, delivery: StoredDelivery, now: datetime, audit: Audit) -> StoredDelivery:
        """Have the delivery tried at once, whatever came of it before, and give it as it is then; the audit says who
        asked.
        """
        record = replace(delivery.record, tries=0, asked_at=now, note="")
        with transaction(self._connection):
            self.note(delivery.id, DeliveryStatus.WAITING, record, now)
            target = f"{delivery.message.id} {delivery.channel}"
            audit.record("message.retry", target, f'{{"status":"{delivery.status.value}"}}', '{"status":"waiting"}')
        return replace(delivery, status=DeliveryStatus.WAITING, next_at=now, record=record)

    def last_over(self) -> Mapping[str, StoredDelivery]:
        """Of each channel the last delivery that is delivered or failed, by the channel's name."""
        rows = self._select(
            "WHERE deliveries.id IN (SELECT max(id) FROM deliveries WHERE status IN (?, ?) GROUP BY channel)", _OVER
        )
        return {each.channel: each for each in rows}

    def counts(self) -> Mapping[str, Mapping[DeliveryStatus, int]]:
        """How many deliveries of each channel, by its name, stand where."""
        counts: dict[str, dict[DeliveryStatus, int]] = {}
        query = "SELECT min(channel), status, count(*) FROM deliveries GROUP BY channel, status"
        for channel, status, count in self._connection.execute(query):
            counts.setdefault(channel, {})[DeliveryStatus(status)] = count
        return counts

    def waiting_since(self) -> Mapping[str, datetime]:
        """When the oldest message was posted that still waits for a channel, by the channel's name."""
        rows = self._connection.execute(
            "SELECT min(channel), min(messages.at) FROM deliveries JOIN messages ON messages.id = message_id "
            "WHERE next_at IS NOT NULL GROUP BY channel"
        )
        return {channel: datetime.fromisoformat(at) for channel, at in rows}

    def let_go(self, before: datetime) -> int:
        """Remove the messages from ``before`` for which nothing waits, with their deliveries; how many there were."""
        with transaction(self._connection):
            cursor = self._connection.execute(
                "DELETE FROM messages WHERE at < ? AND id NOT IN "
                "(SELECT message_id FROM deliveries WHERE next_at IS NOT NULL)",
                (_text(before),),
            )
        return cursor.rowcount

    def _select(self, where: str, parameters: tuple[object, ...]) -> Sequence[StoredDelivery]:
        rows = self._connection.execute(f"{_FROM} {where}", parameters)
        return [
            StoredDelivery(
                number,
                load_stored(_MESSAGES, message),
                channel,
                DeliveryStatus(status),
                datetime.fromisoformat(next_at) if next_at else None,
                load_stored(_RECORDS, document),
            )
            for number, _, channel, status, next_at, document, message in rows
        ]


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
