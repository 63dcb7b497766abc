"""What is said of messages that could not be delivered: to the fallback of their channel, and by the service."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from fleet.alerts.severity import Severity
from fleet.channels import Channel
from fleet.deliveries import DeliveryStatus
from fleet.messages import Message, MessageKind
from ops.state.channels import ChannelBook
from ops.state.deliveries import DeliveryBook, StoredDelivery

_PREFIX = "not-delivered-"
_ITEMS_SHOWN = 10


def failure_message(channel: Channel, lost: Sequence[Message], said: str, at: datetime) -> Message:
    """That ``channel`` did not take ``lost``, which are not tried any more."""
    return Message(
        id=f"{_PREFIX}{channel.id[:8]}-{lost[0].id}",
        kind=MessageKind.ALERT_OPENED,
        severity=Severity.ERROR,
        at=at,
        title=f"Channel {channel.name} does not deliver",
        text=f"What came back last: {said}\nMend it, try it with `patchdeck channels test {channel.name}`, and have "
        f"these sent again with `patchdeck messages retry --failed --channel {channel.name}`.",
        facts={"channel": channel.name, "address": channel.address},
        items=tuple(message.title for message in lost[:_ITEMS_SHOWN]),
        item_count=len(lost),
    )


def is_failure_message(message: Message) -> bool:
    """Whether it tells of messages that were not delivered: then nobody is told that it was not, either."""
    return message.id.startswith(_PREFIX)


def describe_failing(connection: sqlite3.Connection) -> tuple[str, ...]:
    """A clause for each of `failing_channels`: what it could not deliver, and what came back."""
    return tuple(
        f"channel {each.channel} could not deliver {each.message.title!r}: {each.record.last_said}"
        for each in failing_channels(connection)
    )


def failing_channels(connection: sqlite3.Connection) -> Sequence[StoredDelivery]:
    """The channels that are there, are on, and could not deliver the last message that came to an end with them: each
    with that delivery, by name.
    """
    usable = {channel.name.casefold() for channel in ChannelBook(connection).list() if channel.is_enabled}
    last = DeliveryBook(connection).last_over()
    failed = [each for each in last.values() if each.status is DeliveryStatus.FAILED]
    return sorted((each for each in failed if each.channel.casefold() in usable), key=lambda each: each.channel)
