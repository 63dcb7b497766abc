"""The channels of the sample home. None holds a secret, and none can send anything anywhere, whoever tries them.

One ends in a program that does nothing, the others in the port "discard" of loopback, where nobody listens.
"""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from fleet.channels import Channel, ChannelKind, MailSecurity, MailServer
from generator.deeds import Deed
from generator.era import identity
from generator.people import PETRA
from ops.state import Audit
from ops.state.channels import ChannelBook

_ADDED_AT = datetime(2026, 8, 24, 10, 5, tzinfo=UTC)
_LOOPBACK, _DISCARD = "127.0.0.1", 9
_NTFY = f"ntfy://{_LOOPBACK}:{_DISCARD}/patchdeck"
_SENDER, _RECIPIENT = "patchdeck@example.com", "linux-admins@example.com"
_NOTE = "A sample: leads nowhere, so that a demo tells nobody."

ONCALL, NTFY, MAIL = "oncall", "ops-ntfy", "admins-mail"


def channels() -> tuple[Channel, ...]:
    """All of them."""
    return (
        Channel(
            identity("channel", ONCALL),
            ONCALL,
            ChannelKind.COMMAND,
            address="/bin/true",
            command=("/bin/true", "--page", "linux-oncall"),
            fallback=MAIL,
            description=_NOTE,
        ),
        Channel(identity("channel", NTFY), NTFY, ChannelKind.APPRISE, address=_NTFY, url=_NTFY, description=_NOTE),
        Channel(
            identity("channel", MAIL),
            MAIL,
            ChannelKind.SMTP,
            address=f"{_LOOPBACK}:{_DISCARD}",
            mail=MailServer(_LOOPBACK, _DISCARD, MailSecurity.NONE, _SENDER, (_RECIPIENT,)),
            description=_NOTE,
        ),
    )


def channel_deeds() -> Iterator[Deed]:
    """That they were added, and tried."""
    commands = {
        ONCALL: "oncall command --command '/bin/true --page linux-oncall' --fallback admins-mail",
        NTFY: f"ops-ntfy apprise --url {_NTFY}",
        MAIL: f"admins-mail smtp --server {_LOOPBACK}:{_DISCARD} --security none --from {_SENDER} --to {_RECIPIENT}",
    }
    for number, channel in enumerate(reversed(channels())):
        at = _ADDED_AT + timedelta(minutes=6 * number)
        yield Deed(at, PETRA, f"patchdeck channels add {commands[channel.name]}", partial(_add, channel))
        tried_at = at + timedelta(minutes=1, seconds=20)
        yield Deed(tried_at, PETRA, f"patchdeck channels test {channel.name}", partial(_note_test, channel))


def _add(channel: Channel, connection: sqlite3.Connection, audit: Audit) -> None:
    ChannelBook(connection, audit).put(channel)


def _note_test(channel: Channel, _connection: sqlite3.Connection, audit: Audit) -> None:
    audit.record("channel.test", channel.name)
