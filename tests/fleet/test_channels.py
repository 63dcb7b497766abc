"""Which channels may be kept."""

from dataclasses import replace

import pytest

from fleet.channels import Channel, ChannelKind, MailSecurity, MailServer, check_channel
from fleet.errors import BadInput
from fleet.profiles import SecretOrigin, SecretPlace

MAIL = MailServer("mail.example.com", 587, MailSecurity.STARTTLS, "a@example.com", ("b@example.com",))
KEPT = SecretOrigin(SecretPlace.KEYRING)
WEBHOOK = Channel("1", "hook", ChannelKind.WEBHOOK, url="https://example.com/")
SMTP = Channel("1", "mail", ChannelKind.SMTP, mail=MAIL)


@pytest.mark.parametrize(
    "channel",
    [
        WEBHOOK,
        replace(WEBHOOK, url=None, secret=KEPT, signing_key=KEPT),
        SMTP,
        replace(SMTP, mail=replace(MAIL, user="patchdeck"), secret=KEPT),
        Channel("1", "page", ChannelKind.COMMAND, command=("/bin/true",)),
        Channel("1", "chat", ChannelKind.APPRISE, secret=SecretOrigin(SecretPlace.COMMAND, ("pass", "show", "chat"))),
    ],
    ids=lambda channel: f"{channel.kind.value}-{channel.secret is not None}",
)
def test_channels_of_each_kind_are_taken(channel: Channel) -> None:
    """Each with what it needs."""
    assert check_channel(channel) is channel


@pytest.mark.parametrize(
    "channel",
    [
        replace(WEBHOOK, url=None),
        replace(WEBHOOK, secret=KEPT),
        replace(WEBHOOK, command=("x",)),
        replace(WEBHOOK, name="a b"),
        replace(WEBHOOK, fallback="HOOK"),
        replace(WEBHOOK, deadline_seconds=0.5),
        replace(WEBHOOK, description="a\nb"),
        replace(WEBHOOK, secret=SecretOrigin(SecretPlace.PROMPT), url=None),
        replace(SMTP, signing_key=KEPT),
        replace(SMTP, secret=KEPT),
        replace(SMTP, url="https://example.com/"),
        replace(SMTP, mail=replace(MAIL, sender="a@b\r\nBcc: c@d")),
        replace(SMTP, mail=replace(MAIL, recipients=("b@example.com, c@example.com",))),
        replace(SMTP, mail=replace(MAIL, recipients=())),
        replace(SMTP, mail=replace(MAIL, host="a b")),
        replace(SMTP, mail=replace(MAIL, port=0)),
    ],
    ids=range(16),
)
def test_what_cannot_work_is_refused(channel: Channel) -> None:
    """Before anything is kept, in one line."""
    with pytest.raises(BadInput) as caught:
        check_channel(channel)
    assert "\n" not in str(caught.value)
