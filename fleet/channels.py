"""Channels: ways on which messages reach people, under names that rules, deployments and reports refer to.

A channel never holds a secret, only where it is found, and as much of its address as may be shown.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import StrEnum

from fleet.errors import BadInput, UnknownName
from fleet.profiles import SecretOrigin, SecretPlace

DEADLINE_SECONDS = 30.0
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
# One address as `smtplib` hands it on; what a mail server makes of it is its own affair.
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_MOST_CHARACTERS = 4_096
_MOST_TEMPLATE_CHARACTERS = 16_384
_MOST_ARGUMENTS = 64
_MOST_RECIPIENTS = 100
_LONGEST_SECONDS = 300.0


class ChannelKind(StrEnum):
    """By what a channel carries messages."""

    APPRISE = "apprise"
    WEBHOOK = "webhook"
    SMTP = "smtp"
    COMMAND = "command"


class MailSecurity(StrEnum):
    """How the connection to a mail server is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"

    @property
    def usual_port(self) -> int:
        """The port where nothing is said: RFC 8314 and RFC 5321."""
        return {MailSecurity.STARTTLS: 587, MailSecurity.TLS: 465, MailSecurity.NONE: 25}[self]


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and from whom to whom; ``user`` logs in where the server asks for it."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    recipients: tuple[str, ...]
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to people. ``id`` is ours, and what kept secrets lie under: a new channel never inherits them.

    Args:
        address: where it goes, as it may be shown: no password, no token, no path.
        url: the URL where it is no secret.
        secret: where the URL is found otherwise; of a mail server, where its password is.
        signing_key: where the key is found that a webhook's messages are signed with.
        command: the program with its arguments that takes messages on its standard input.
        ca_file: certificates that are trusted beside the usual ones.
        title: template of the title; empty: the message's own. ``text`` likewise.
        fallback: the channel that is told when this one could not deliver.
    """

    id: str
    name: str
    kind: ChannelKind
    address: str = ""
    url: str | None = None
    secret: SecretOrigin | None = None
    signing_key: SecretOrigin | None = None
    mail: MailServer | None = None
    command: tuple[str, ...] = ()
    ca_file: str | None = None
    title: str = ""
    text: str = ""
    deadline_seconds: float = DEADLINE_SECONDS
    fallback: str | None = None
    is_enabled: bool = True
    description: str = ""


def check_channel_name(text: str) -> str:
    """A channel's name: letters, digits, dot, dash and underscore, at most 64.

    Raises:
        BadInput: it is not one.
    """
    if not _NAME.fullmatch(text):
        raise BadInput(
            f"Channel name {text!r} is not usable: up to 64 letters, digits, '.', '-' and '_', starting with a letter "
            "or digit."
        )
    return text


def check_channel(channel: Channel) -> Channel:
    """``channel``, if it may be kept; its templates, and whether its secrets are there, are not looked at.

    Raises:
        BadInput: its name, or parts that do not fit together.
    """
    check_channel_name(channel.name)
    _check_texts(channel)
    _check_fit(channel)
    if channel.mail is not None:
        check_mail_server(channel.mail)
    if not 1 <= channel.deadline_seconds <= _LONGEST_SECONDS:
        raise BadInput(f"Channel {channel.name!r}: its deadline is 1 to {_LONGEST_SECONDS:g} seconds.")
    if channel.fallback is not None and channel.fallback.casefold() == channel.name.casefold():
        raise BadInput(f"Channel {channel.name!r} cannot be told of its own failures: name another one.")
    return channel


def check_mail_server(mail: MailServer) -> MailServer:
    """``mail``, if mail can be handed in so.

    Raises:
        BadInput: a host, a port or an address that is none.
    """
    if not _HOST.fullmatch(mail.host):
        raise BadInput(f"Mail server {mail.host!r} is no name or address of a host.")
    if not 1 <= mail.port <= 65_535:
        raise BadInput(f"Port {mail.port} of the mail server is not between 1 and 65535.")
    if not mail.recipients or len(mail.recipients) > _MOST_RECIPIENTS:
        raise BadInput(f"Mail goes to 1 to {_MOST_RECIPIENTS} addresses.")
    for address in (mail.sender, *mail.recipients):
        if not _ADDRESS.fullmatch(address) or not address.isprintable():
            raise BadInput(f"{address!r} is no mail address: write NAME@DOMAIN and nothing else.")
    return mail


def unknown_channel(name: str, channels: Iterable[str]) -> UnknownName:
    """The error for a channel that is not there, with the nearest of the names ``channels``."""
    return UnknownName("channel", name, channels)


def _check_texts(channel: Channel) -> None:
    texts = [value for field in fields(channel) if isinstance(value := getattr(channel, field.name), str)]
    templates = (channel.title, channel.text)
    if any(len(text) > _MOST_TEMPLATE_CHARACTERS for text in templates):
        raise BadInput(f"Channel {channel.name!r} has a template of over {_MOST_TEMPLATE_CHARACTERS:,} characters.")
    others = [text for text in (*texts, *channel.command) if text not in templates]
    if any(len(text) > _MOST_CHARACTERS or not text.isprintable() for text in others):
        raise BadInput(f"Channel {channel.name!r} has a text that is too long or does not print.")
    if len(channel.command) > _MOST_ARGUMENTS:
        raise BadInput(f"Channel {channel.name!r}: its command has over {_MOST_ARGUMENTS} arguments.")


def _check_fit(channel: Channel) -> None:
    kind = channel.kind
    is_mail, has_url = kind is ChannelKind.SMTP, kind in (ChannelKind.APPRISE, ChannelKind.WEBHOOK)
    needs_password = channel.mail is not None and channel.mail.user is not None
    rules = (
        (has_url == ((channel.url is None) != (channel.secret is None)) or is_mail, "it needs one URL"),
        (channel.url is None or has_url, "a URL is not for the kind smtp"),
        (is_mail == (channel.mail is not None), "a mail server belongs to the kind smtp, which needs one"),
        (
            (kind is ChannelKind.COMMAND) == bool(channel.command),
            "a command belongs to the kind command, which needs one",
        ),
        (channel.signing_key is None or kind is ChannelKind.WEBHOOK, "only the messages of a webhook are signed"),
        (
            channel.ca_file is None or kind in (ChannelKind.WEBHOOK, ChannelKind.SMTP),
            "it takes no file of certificates",
        ),
        (not is_mail or needs_password == (channel.secret is not None), "a user and a password come together"),
    )
    for fits, what in rules:
        if not fits:
            raise BadInput(f"Channel {channel.name!r}: {what}. See `patchdeck channels add --help`.")
    for origin in (channel.secret, channel.signing_key):
        _check_origin(channel, origin)


def _check_origin(channel: Channel, origin: SecretOrigin | None) -> None:
    if origin is None:
        return
    if (origin.place is SecretPlace.COMMAND) != bool(origin.command):
        raise BadInput(f"Channel {channel.name!r} names a command for a secret exactly where it comes from one.")
    if origin.place is SecretPlace.PROMPT:
        raise BadInput(f"Channel {channel.name!r}: nobody is there to be asked when a message is sent.")
