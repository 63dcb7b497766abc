"""Channels as rows and lines of the command line; never a secret."""

import shlex
from collections.abc import Iterator, Mapping, Sequence

from fleet.channels import Channel
from fleet.deliveries import DeliveryStatus
from fleet.hostile import clean
from fleet.name_lists import some_of
from fleet.profiles import SecretOrigin, SecretPlace
from ops.cli.listing import Column, Listing, show_listing
from ops.cli.values import as_text
from ops.home import Home
from ops.messages.channels import users_by_channel
from ops.state.database import opened
from ops.state.deliveries import DeliveryBook, StoredDelivery

_COLUMNS = (
    Column("name", "Channel"),
    Column("kind", "Kind"),
    Column("address", "Leads to"),
    Column("enabled", "On"),
    Column("waiting", "Waiting", is_number=True),
    Column("failed", "Failed", is_number=True),
    Column("last_status", "Last"),
    Column("last_at", "At", is_extra=True),
    Column("last_said", "Said", is_extra=True),
    Column("named_by", "Named by", is_extra=True),
    Column("description", "Description", is_extra=True),
    Column("secret"),
    Column("signing_key"),
    Column("mail"),
    Column("command"),
    Column("ca_file"),
    Column("title"),
    Column("text"),
    Column("deadline_seconds"),
    Column("fallback"),
    Column("id"),
)
_DELIVERIES_SHOWN = 5
_MOST_NAMED = 10


def tell_channels(home: Home, channels: Sequence[Channel], *, json: bool) -> None:
    """Prints ``channels`` as rows."""
    show_listing(list_channels(home, channels), as_json_text=json)


def list_channels(home: Home, channels: Sequence[Channel]) -> Listing:
    """A row for each channel, with what waits for it and how its last delivery ended."""
    users = users_by_channel(home)
    with opened(home.state_file) as connection:
        book = DeliveryBook(connection)
        counts = {name.casefold(): found for name, found in book.counts().items()}
        last = {name.casefold(): delivery for name, delivery in book.last_over().items()}
    rows = []
    for channel in channels:
        key = channel.name.casefold()
        rows.append(_row(channel, counts.get(key, {}), last.get(key), users.get(key, ())))
    return Listing(_COLUMNS, rows)


def channel_lines(home: Home, channel: Channel) -> Iterator[str]:
    """A channel as a page: a line for each thing that it says, then its last deliveries."""
    for label, value in _values(home, channel):
        if value:
            first, *others = value.splitlines()
            yield f"{label + ':':<17}{clean(first)}"
            yield from (f"{'':<17}{clean(line)}" for line in others)
    with opened(home.state_file) as connection:
        latest = DeliveryBook(connection).list(channel.name, limit=_DELIVERIES_SHOWN)
    for delivery in latest:
        said = f": {delivery.record.last_said}" if delivery.record.last_said else ""
        what = f"{as_text(delivery.message.at)} {delivery.status.value} {delivery.message.title!r}{said}"
        yield f"{'Delivery:':<17}{clean(what)}"


def _row(
    channel: Channel, counts: Mapping[DeliveryStatus, int], last: StoredDelivery | None, users: Sequence[str]
) -> tuple[object, ...]:
    attempts = last.record.attempts if last else ()
    return (
        channel.name,
        channel.kind.value,
        channel.address,
        channel.is_enabled,
        counts.get(DeliveryStatus.WAITING, 0),
        counts.get(DeliveryStatus.FAILED, 0),
        last.status.value if last else None,
        attempts[-1].at if attempts else None,
        last.record.last_said if last else None,
        ", ".join(users),
        channel.description,
        _place(channel.secret),
        _place(channel.signing_key),
        channel.mail,
        channel.command,
        channel.ca_file,
        channel.title,
        channel.text,
        channel.deadline_seconds,
        channel.fallback,
        channel.id,
    )


def _values(home: Home, channel: Channel) -> Iterator[tuple[str, str]]:
    yield "Channel", channel.name
    yield "Description", channel.description
    yield "Kind", channel.kind.value
    yield "Leads to", channel.address
    yield "On", as_text(channel.is_enabled)
    if channel.mail is not None:
        yield "Encrypted by", channel.mail.security.value
        yield "From", channel.mail.sender
        yield "Logs in as", channel.mail.user or ""
    yield "Secret", _origin_text(channel.secret)
    yield "Signing key", _origin_text(channel.signing_key)
    yield "Certificates", channel.ca_file or ""
    yield "Title", channel.title
    yield "Text", channel.text
    yield "Deadline", f"{channel.deadline_seconds:g} s for each attempt"
    yield "Fallback", channel.fallback or ""
    yield "Named by", some_of(users_by_channel(home).get(channel.name.casefold(), ()), _MOST_NAMED) or "nobody"


def _place(origin: SecretOrigin | None) -> str | None:
    return None if origin is None else origin.place.value


def _origin_text(origin: SecretOrigin | None) -> str:
    if origin is None:
        return ""
    if origin.place is SecretPlace.COMMAND:
        return f"given by the command {shlex.join(origin.command)}"
    return f"in the {origin.place.words}"
