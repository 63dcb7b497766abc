"""The last messages of the sample home, and that they were delivered. None waits: a demo sends nothing."""

import sqlite3
from collections.abc import Iterable
from datetime import timedelta

from fleet.alerts.telling import Posting
from fleet.deliveries import Attempt, DeliveryRecord, DeliveryStatus, Outcome, Sent, with_attempt
from fleet.message_json import MessageSource
from fleet.messages import Message
from generator.channels import MAIL, NTFY, ONCALL, channels
from generator.era import NOW, chance
from ops.messages.wording import sent_of, word
from ops.state.deliveries import DeliveryBook
from ops.state.outbox import Outbox

_KEPT = timedelta(days=14)
_SOURCE = MessageSource("patch-01.fra.example.com", "/var/lib/patchdeck", "")
_SAID = {ONCALL: "exited 0", NTFY: "ntfy took it", MAIL: "handed in for 1 of 1 recipients"}
_AWAY = "it cannot be reached: Connection refused"


def keep_messages(connection: sqlite3.Connection, postings: Iterable[Posting]) -> None:
    """Keep those of the last two weeks, each delivered by its channels."""
    for posting in sorted(postings, key=lambda each: each.message.at):
        if posting.message.at > NOW - _KEPT:
            Outbox(connection).post(posting.message, posting.channels)
            _deliver(connection, posting.message)


def _deliver(connection: sqlite3.Connection, message: Message) -> None:
    book = DeliveryBook(connection)
    known = {channel.name: channel for channel in channels()}
    for delivery in book.list(message_id=message.id):
        sent = sent_of(word(known[delivery.channel], message, _SOURCE))
        record = _attempt(delivery.channel, message, sent)
        book.note(delivery.id, DeliveryStatus.DELIVERED, record)


def _attempt(channel: str, message: Message, sent: Sent) -> DeliveryRecord:
    random = chance("delivery", channel, message.id)
    at, record = message.at + timedelta(seconds=random.uniform(0.2, 2)), DeliveryRecord()
    if random.random() < 0.06:
        record = with_attempt(record, Attempt(at, 0.1, Outcome.FAILED, _AWAY), sent)
        at += timedelta(seconds=10.3)
    seconds = round(random.uniform(0.05, 1.4), 2)
    return with_attempt(record, Attempt(at, seconds, Outcome.DELIVERED, _SAID[channel]), sent)
