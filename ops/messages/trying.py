"""Trying a channel: a test message is sent at once, by the service where one runs, and what came back is known."""

import asyncio
import time
import uuid
from dataclasses import replace

from fleet.alerts.severity import Severity
from fleet.channels import Channel
from fleet.deliveries import Answer, Attempt, DeliveryRecord, DeliveryStatus, Outcome, with_attempt
from fleet.errors import BadInput
from fleet.messages import Message, MessageKind
from ops.config import load_settings
from ops.home import Home
from ops.messages.carrying.carrier import Carrier
from ops.messages.carrying.parcels import Parcel, Route
from ops.messages.routes import find_route
from ops.messages.wording import sent_of, source_of, word
from ops.roles import standing_of
from ops.service.starting import working
from ops.state.audit import Audit, utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.deliveries import DeliveryBook, StoredDelivery
from ops.state.outbox import Outbox

_POLL_SECONDS = 0.2
# The service looks every half a second, and may have other channels in work.
_SPARE_SECONDS = 20.0


def try_channel(home: Home, name: str, *, is_here: bool = False) -> StoredDelivery:
    """Sends a test message by the channel called ``name``, and gives what came of it. Blocking, with a deadline.

    Raises:
        UnknownName: there is none.
        BadInput: it is off; or only a service can send, and none runs.
        PatchdeckError: its secret cannot be had here.
    """
    by_service = working(home) is not None and not is_here
    if not by_service and standing_of(home).is_served:
        raise BadInput("The secrets of this home are its owner's: a service has to send, and none runs.")
    with opened(home.state_file) as connection:
        channel = ChannelBook(connection).find(name)
    if not channel.is_enabled:
        raise BadInput(f"Channel {channel.name!r} is off: patchdeck channels enable {channel.name}")
    route = None if by_service else find_route(home, channel)
    message = _post(home, channel, by_service=by_service)
    return _wait(home, channel, message) if route is None else _send(home, channel, message, route)


def _post(home: Home, channel: Channel, *, by_service: bool) -> Message:
    message = Message(
        id=str(uuid.uuid4()),
        kind=MessageKind.TEST,
        severity=Severity.INFORMATIONAL,
        at=utc_now(),
        title=f"Test of channel {channel.name}",
        text="Somebody tries whether messages of Patchdeck arrive here. There is nothing to do.",
        facts={"channel": channel.name},
    )
    with opened(home.state_file) as connection, transaction(connection):
        Outbox(connection).post(message, [channel.name])
        Audit(connection).record("channel.test", channel.name)
        if not by_service:
            # Not for a service that is started meanwhile.
            book = DeliveryBook(connection)
            record = DeliveryRecord(note="its test was broken off")
            book.note(_delivery(book, channel, message).id, DeliveryStatus.SKIPPED, record)
    return message


def _wait(home: Home, channel: Channel, message: Message) -> StoredDelivery:
    """What the service made of it: one attempt, whatever comes of it."""
    deadline = time.monotonic() + channel.deadline_seconds + _SPARE_SECONDS
    with opened(home.state_file) as connection:
        book = DeliveryBook(connection)
        while True:
            delivery = _delivery(book, channel, message)
            if delivery.record.attempts or delivery.status is not DeliveryStatus.WAITING:
                break
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_SECONDS)
        if delivery.status is DeliveryStatus.WAITING:
            book.note(delivery.id, DeliveryStatus.FAILED, delivery.record)
            delivery = _delivery(book, channel, message)
    return delivery


def _send(home: Home, channel: Channel, message: Message, route: Route) -> StoredDelivery:
    parcel = word(channel, message, source_of(home, load_settings(home)))
    at, began = utc_now(), time.monotonic()
    answer = asyncio.run(_carry(route, parcel))
    attempt = Attempt(at, round(time.monotonic() - began, 3), answer.outcome, answer.said)
    status = DeliveryStatus.DELIVERED if answer.outcome is Outcome.DELIVERED else DeliveryStatus.FAILED
    with opened(home.state_file) as connection:
        book = DeliveryBook(connection)
        delivery = _delivery(book, channel, message)
        book.note(delivery.id, status, with_attempt(replace(delivery.record, note=""), attempt, sent_of(parcel)))
        return _delivery(book, channel, message)


async def _carry(route: Route, parcel: Parcel) -> Answer:
    async with Carrier(route) as carrier:
        return await carrier.carry(parcel)


def _delivery(book: DeliveryBook, channel: Channel, message: Message) -> StoredDelivery:
    return book.list(channel.name, message_id=message.id)[0]
