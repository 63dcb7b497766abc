"""Messages of a home: which there are, what became of them, and having them sent again."""

from collections.abc import Collection, Sequence
from datetime import datetime

from fleet.deliveries import DeliveryStatus
from fleet.errors import BadInput
from fleet.messages import Message
from ops.home import Home
from ops.state.audit import Audit, utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction
from ops.state.deliveries import DeliveryBook, StoredDelivery


def list_deliveries(
    home: Home,
    channel: str | None = None,
    statuses: Collection[DeliveryStatus] | None = None,
    limit: int | None = None,
) -> Sequence[StoredDelivery]:
    """The deliveries, latest first; of a channel only (one that is gone, too), in statuses only."""
    with opened(home.state_file) as connection:
        return DeliveryBook(connection).list(channel, statuses or None, limit=limit)


def find_message(home: Home, message_id: str) -> tuple[Message, Sequence[StoredDelivery]]:
    """The message whose id is or begins so, with its deliveries.

    Raises:
        UnknownName: there is none.
        BadInput: there are several.
    """
    with opened(home.state_file) as connection:
        book = DeliveryBook(connection)
        message = book.find_message(message_id)
        return message, tuple(reversed(book.list(message_id=message.id)))


def retry(home: Home, message_ids: Sequence[str], channel: str | None = None) -> Sequence[StoredDelivery]:
    """Has messages sent again at once, by the service: those with these ids, whatever became of them; without any, all
    that failed or were skipped. Of ``channel`` only, where one is named. Gives what was asked for.

    Raises:
        UnknownName: there is no such message, or no such channel any more.
        BadInput: nothing was to be sent there.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book, now = DeliveryBook(connection), utc_now()
        ids = [book.find_message(text).id for text in message_ids]
        chosen = [each for message_id in ids for each in book.list(channel, message_id=message_id)]
        if not ids:
            chosen = [*book.list(channel, (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED))]
            known = {each.name.casefold() for each in ChannelBook(connection).list()}
            chosen = [each for each in chosen if each.channel.casefold() in known]
        elif not chosen:
            raise BadInput(f"Channel {channel!r} had none of these messages: see `patchdeck messages list`.")
        return _ask_again(book, chosen, now, Audit(connection), ChannelBook(connection))


def _ask_again(
    book: DeliveryBook, chosen: Sequence[StoredDelivery], now: datetime, audit: Audit, channels: ChannelBook
) -> Sequence[StoredDelivery]:
    channels.check({each.channel for each in chosen})
    asked = [book.ask_again(delivery, now, audit) for delivery in reversed(chosen)]
    return asked[::-1]
