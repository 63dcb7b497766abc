"""Channels as rows: where each leads, what became of the last message on it, what waits; never a secret."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from fleet.channels import Channel, ChannelKind
from fleet.deliveries import DeliveryStatus
from fleet.hostile import clean
from fleet.profiles import SecretOrigin
from ops.state.deliveries import StoredDelivery
from tui.rows.ages import describe_age
from tui.rows.message_rows import STATUS_TONES
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

CHANNEL_COLUMNS = (
    TableColumn("name", "Channel", most=32, least=12, priority=0),
    TableColumn("kind", "Kind", most=8, least=7, priority=1),
    TableColumn("on", "On", most=4, least=3, priority=0),
    TableColumn("address", "Leads to", most=60, least=16, priority=1),
    TableColumn("last", "Last message", most=22, least=14, priority=1),
    TableColumn("waiting", "Waiting", is_number=True, priority=2),
    TableColumn("failed", "Failed", is_number=True, priority=2),
    TableColumn("said", "What came back", most=100, least=16, priority=3),
    TableColumn("description", "Description", most=60, least=12, priority=4),
)


@dataclass(frozen=True, slots=True)
class ChannelNow:
    """A channel, the last message that is over on it, and how many messages stand where."""

    channel: Channel
    last: StoredDelivery | None = None
    counts: Mapping[DeliveryStatus, int] = field(default_factory=lambda: MappingProxyType({}))


def leads_to(channel: Channel) -> str:
    """Where messages go, as far as it may be shown."""
    if channel.kind is ChannelKind.COMMAND:
        return clean(shlex.join(channel.command))
    if channel.mail is not None:
        return clean(f"{', '.join(channel.mail.recipients)} by {channel.mail.host}:{channel.mail.port}")
    return clean(channel.address)


def channel_row(now: ChannelNow, at: datetime) -> Row:
    """The row of one channel."""
    channel, last = now.channel, now.last
    waiting, failed = (now.counts.get(each, 0) for each in (DeliveryStatus.WAITING, DeliveryStatus.FAILED))
    cells = (
        channel.name,
        channel.kind.value,
        "yes" if channel.is_enabled else "no",
        leads_to(channel),
        f"{last.status.value}, {describe_age(last.message.at, at)}" if last else "none yet",
        f"{waiting:,}",
        f"{failed:,}",
        clean(last.record.last_said) if last else "",
        clean(channel.description),
    )
    tones = (
        Tone.STRONG if channel.is_enabled else Tone.OFFLINE,
        Tone.NORMAL,
        Tone.GOOD if channel.is_enabled else Tone.OFFLINE,
        Tone.NORMAL,
        STATUS_TONES[last.status] if last else Tone.DIM,
        Tone.PENDING if waiting else Tone.DIM,
        Tone.BAD if failed else Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (channel.name.casefold(), *cells[1:4], last.message.at if last else None, waiting, failed, *cells[7:])
    return Row(channel.name, cells, tones, order)


def describe_channel(now: ChannelNow) -> list[tuple[Piece, ...]]:
    """All of a channel in a few lines."""
    channel = now.channel
    state = Piece("on", Tone.GOOD) if channel.is_enabled else Piece("off: messages on it are passed over", Tone.OFFLINE)
    head = (Piece(channel.name, Tone.STRONG), state, *labelled(f"{channel.kind.value} to", leads_to(channel)))
    lines: list[tuple[Piece, ...]] = [head]
    if now.last is not None:
        lines.append((*labelled("Last", now.last.status.value), Piece(clean(now.last.record.last_said))))
    secrets = [f"{what} {_origin_text(origin)}" for what, origin in _secrets(channel) if origin is not None]
    fallback = labelled("· where it fails", f"{channel.fallback} is told") if channel.fallback else ()
    kept = labelled("Secrets:", "; ".join(secrets) or "none")
    lines.append((*kept, *labelled("· deadline", f"{channel.deadline_seconds:g} s"), *fallback))
    return lines + ([(Piece(clean(channel.description)),)] if channel.description else [])


def _secrets(channel: Channel) -> tuple[tuple[str, SecretOrigin | None], ...]:
    return ("password" if channel.mail else "URL", channel.secret), ("key for signatures", channel.signing_key)


def _origin_text(origin: SecretOrigin) -> str:
    return clean(f"from {' '.join((origin.place.value, shlex.join(origin.command))).strip()}")
