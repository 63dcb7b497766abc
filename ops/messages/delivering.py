"""Delivering what waits for one channel: in order, until nothing is left or the channel does not take something."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fleet.channels import Channel
from fleet.deliveries import (
    Answer,
    Attempt,
    DeliveryStatus,
    Outcome,
    Sent,
    next_try,
    with_attempt,
)
from fleet.errors import BadInput, PatchdeckError
from fleet.messages import MessageKind
from ops.config import Settings
from ops.home import Home
from ops.logs import log_event
from ops.messages.carrying.carrier import Carrier
from ops.messages.carrying.parcels import failed, refused
from ops.messages.failure_alerts import open_alert, resolve_alert
from ops.messages.failures import failure_message, is_failure_message
from ops.messages.routes import find_route
from ops.messages.wording import sent_of, source_of, word
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.deliveries import DeliveryBook, StoredDelivery
from ops.state.outbox import Outbox

_MOST_AT_ONCE = 50
_NOTHING_SENT = Sent("", "", "")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of it: how many messages arrived; what stopped it, empty where nothing did."""

    count: int = 0
    problem: str = ""


class ChannelDelivery:
    """Delivers what waits for the channel called ``name``. ``may_go_on`` is asked before each message."""

    def __init__(
        self,
        home: Home,
        name: str,
        settings: Settings,
        clock: Callable[[], datetime],
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self._home = home
        self._name = name
        self._settings = settings
        self._clock = clock
        self._may_go_on = may_go_on

    async def deliver(self) -> Delivered:
        """Delivers what is due now, at most some of it.

        Raises:
            HomeUnusable, StoreBusy: state.db cannot be read or written.
        """
        channel, due = await asyncio.to_thread(self._read)
        if not due:
            return Delivered()
        if channel is None or not channel.is_enabled:
            why = "there is no such channel any more" if channel is None else "the channel is off"
            await asyncio.to_thread(self._skip, due, why)
            return Delivered()
        try:
            route = await asyncio.to_thread(find_route, self._home, channel)
        except PatchdeckError as error:
            answer = failed(str(error))
            await asyncio.to_thread(self._note, channel, due[0], answer, self._clock(), 0.0, _NOTHING_SENT)
            return Delivered(0, answer.said)
        async with Carrier(route) as carrier:
            return await self._carry(channel, due, carrier)

    async def _carry(self, channel: Channel, due: Sequence[StoredDelivery], carrier: Carrier) -> Delivered:
        source = source_of(self._home, self._settings)
        count = 0
        for delivery in due:
            if not self._may_go_on():
                break
            at, began = self._clock(), time.monotonic()
            try:
                parcel = word(channel, delivery.message, source)
                answer, sent = await carrier.carry(parcel), sent_of(parcel)
            except BadInput as error:
                answer, sent = refused(f"its template cannot be read: {error}"), _NOTHING_SENT
            seconds = round(time.monotonic() - began, 3)
            await asyncio.to_thread(self._note, channel, delivery, answer, at, seconds, sent)
            if answer.outcome is Outcome.FAILED:
                return Delivered(count, answer.said)
            count += answer.outcome is Outcome.DELIVERED
        return Delivered(count)

    def _read(self) -> tuple[Channel | None, Sequence[StoredDelivery]]:
        with opened(self._home.state_file) as connection:
            due = DeliveryBook(connection).due_of(self._name, self._clock(), _MOST_AT_ONCE)
            return ChannelBook(connection).get(self._name), due

    def _skip(self, due: Sequence[StoredDelivery], why: str) -> None:
        with opened(self._home.state_file) as connection, transaction(connection):
            book = DeliveryBook(connection)
            for delivery in due:
                book.note(delivery.id, DeliveryStatus.SKIPPED, replace(delivery.record, note=why))

    def _note(
        self, channel: Channel, delivery: StoredDelivery, answer: Answer, at: datetime, seconds: float, sent: Sent
    ) -> None:
        now = self._clock()
        record = with_attempt(delivery.record, Attempt(at, seconds, answer.outcome, answer.said), sent)
        next_at = next_try(record, answer, now, delivery.asked_at + self._patience)
        status = _status(answer, next_at)
        with opened(self._home.state_file) as connection, transaction(connection):
            book = DeliveryBook(connection)
            book.note(delivery.id, status, record, next_at)
            given_up = [delivery] if status is DeliveryStatus.FAILED else []
            if answer.outcome is Outcome.FAILED:
                given_up += self._give_up(book, channel, answer, now, beside=delivery.id)
            _tell_failure(connection, channel, given_up, answer, now)
            if status is DeliveryStatus.DELIVERED:
                resolve_alert(connection, channel, now)
        log_event(
            "message handed over" if status is DeliveryStatus.DELIVERED else "message not delivered",
            message=delivery.message.id,
            channel=channel.name,
            status=status.value,
            tries=record.tries,
            said=answer.said,
        )

    def _give_up(
        self, book: DeliveryBook, channel: Channel, answer: Answer, now: datetime, *, beside: int
    ) -> list[StoredDelivery]:
        """What else waits too long for a channel that does not take anything: it is not tried one by one."""
        waiting = book.due_of(channel.name, now, _MOST_AT_ONCE)
        late = [each for each in waiting if each.id != beside and each.asked_at + self._patience <= now]
        for each in late:
            book.note(each.id, DeliveryStatus.FAILED, replace(each.record, note=f"given up: {answer.said}"))
        return late

    @property
    def _patience(self) -> timedelta:
        return timedelta(hours=self._settings.messages_give_up_hours)


def _status(answer: Answer, next_at: datetime | None) -> DeliveryStatus:
    if answer.outcome is Outcome.DELIVERED:
        return DeliveryStatus.DELIVERED
    return DeliveryStatus.FAILED if next_at is None else DeliveryStatus.WAITING


def _tell_failure(
    connection: sqlite3.Connection, channel: Channel, given_up: Sequence[StoredDelivery], answer: Answer, now: datetime
) -> None:
    """An alert, and the channel that is told when this one could not deliver; never of a test, which somebody watches,
    nor of what tells of another channel's failure.
    """
    messages = [each.message for each in given_up if each.message.kind is not MessageKind.TEST]
    open_alert(connection, channel, [message.title for message in messages], answer.said, now)
    lost = [message for message in messages if not is_failure_message(message)]
    if lost and channel.fallback is not None:
        Outbox(connection).post(failure_message(channel, lost, answer.said, now), [channel.fallback])
