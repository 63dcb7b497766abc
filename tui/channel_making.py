"""A channel made of what was written and typed: where its secrets lie, and as much of its address as may be shown."""

import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.channels import Channel, ChannelKind
from fleet.errors import BadInput
from fleet.profiles import SecretOrigin
from ops.acting_login import require_own_host
from ops.home import Home
from tui.screens.channel_form import ChannelDraft

if TYPE_CHECKING:
    from collectors.secrets import Secret
    from ops.messages.channels import NewSecrets

_LONGEST_KEY = 4_096


def wants_secret(channel: Channel) -> bool:
    """Whether ``channel`` takes a URL or a password that it does not have yet."""
    if channel.kind is ChannelKind.COMMAND or channel.url is not None:
        return False
    return channel.secret is None and (channel.mail is None or channel.mail.user is not None)


def make_channel(home: Home, draft: ChannelDraft, secret: "Secret | None") -> "tuple[Channel, NewSecrets]":
    """The channel, and what is to be kept for it; blocking.

    Raises:
        BadInput: its URL or its key cannot be used; what is secret of it is not told.
        PatchdeckError: there is no place to keep a secret.
    """
    from ops.messages.addresses import check_url
    from ops.messages.channels import NewSecrets

    channel = draft.channel
    if channel.mail is not None and channel.mail.user is None:
        channel = replace(channel, secret=None)
    if secret is not None:
        channel = replace(channel, secret=_origin(home, channel.secret), url=None)
    if channel.kind in (ChannelKind.APPRISE, ChannelKind.WEBHOOK) and secret is not None:
        channel = replace(channel, address=check_url(channel.kind, secret.reveal(), is_secret=True))
    if channel.mail is not None:
        mail = channel.mail
        channel = replace(channel, address=f"{mail.host}:{mail.port} for {', '.join(mail.recipients)}")
    if channel.kind is ChannelKind.COMMAND:
        channel = replace(channel, address=shlex.join(channel.command))
    key = _read_key(draft.key_file) if draft.key_file else None
    if key is not None:
        channel = replace(channel, signing_key=_origin(home, channel.signing_key))
    return channel, NewSecrets(secret, key)


def _origin(home: Home, before: SecretOrigin | None) -> SecretOrigin:
    from ops.credentials.keeping import choose_place

    if before is not None and before.place.keeps:
        return before
    return SecretOrigin(choose_place(home, None))


def _read_key(path: str) -> "Secret":
    from collectors.secrets import Secret
    from fleet.webhook_signatures import read_key

    require_own_host("read a file")
    try:
        with Path(path).expanduser().open(encoding="utf-8") as file:
            text = file.read(_LONGEST_KEY).split("\n", 1)[0].strip()
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        # Without its cause: that holds what was read.
        raise BadInput(f"{path} is no text in UTF-8.") from None
    read_key(text)
    return Secret(text)
