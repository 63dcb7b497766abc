"""A message in the words of a channel: its templates filled in, its JSON written."""

import hashlib
import socket

from fleet.channels import Channel
from fleet.deliveries import Sent
from fleet.message_json import MessageSource, write_message
from fleet.message_templates import DEFAULT_TEXT, DEFAULT_TITLE, parse_template, parse_title, render_text, render_title
from fleet.messages import Message
from ops.config import Settings
from ops.home import Home
from ops.messages.carrying.parcels import Parcel


def source_of(home: Home, settings: Settings) -> MessageSource:
    """Which Patchdeck this is, for those who are told."""
    return MessageSource(socket.gethostname(), str(home.path), settings.app_name or "")


def check_templates(channel: Channel) -> Channel:
    """``channel``, if its templates can be read.

    Raises:
        ExpressionMistake: one cannot; shows the place.
        BadInput: the title has several lines.
    """
    parse_title(channel.title)
    parse_template(channel.text)
    return channel


def word(channel: Channel, message: Message, source: MessageSource) -> Parcel:
    """``message`` as ``channel`` hands it over.

    Raises:
        BadInput: a template cannot be read, which only happens where another version of Patchdeck kept it.
    """
    title = render_title(parse_title(channel.title or DEFAULT_TITLE), message, source.words)
    text = render_text(parse_template(channel.text or DEFAULT_TEXT), message, source.words)
    body = write_message(message, title, text, source)
    return Parcel(message.id, message.severity.value, title, text, body, message.attachments)


def sent_of(parcel: Parcel) -> Sent:
    """What is remembered of what was handed over."""
    return Sent.of(parcel.title, parcel.text, hashlib.sha256(parcel.body.encode("ascii")).hexdigest())
