"""A channel: where it leads and how it words things; its URL, password or key is typed elsewhere, without echo."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fleet.channels import Channel, ChannelKind, MailSecurity, MailServer, check_channel_name
from fleet.errors import BadInput, UnknownName
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

_HINTS = {
    ChannelKind.APPRISE: "Its URL is asked for next, without echo: see appriseit.com/services for its form.",
    ChannelKind.WEBHOOK: "Its URL is asked for next, without echo. Messages are JSON; see docs/webhook.md.",
    ChannelKind.SMTP: "Where the server wants a user, the password is asked for next, without echo.",
    ChannelKind.COMMAND: "It gets each message as JSON on its standard input; no shell is in between.",
}
_SECURITIES = tuple(each.value for each in MailSecurity)


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """A channel as it was written, and the file with the key that its messages are signed with; empty: as before."""

    channel: Channel
    key_file: str = ""


class ChannelForm(Form[ChannelDraft]):
    """Gives the channel that was made of ``begun``; ``others`` are channels that can be told where it fails."""

    TAKES = "goes on"
    DEFAULT_CSS = "ChannelForm > .box { width: 92; }"

    def __init__(self, begun: Channel, others: Sequence[str], *, is_new: bool, reason: str = "") -> None:
        super().__init__(reason)
        self._begun = begun
        self._others = tuple(others)
        self._is_new = is_new

    def title_text(self) -> str:
        """What is defined."""
        kind = self._begun.kind.value
        return f"New channel: {kind}" if self._is_new else f"Channel {self._begun.name}: {kind}"

    def fields(self) -> Sequence[Field]:
        """Its name, where it leads, how it words things."""
        begun = self._begun
        name = (Field("name", "Name", begun.name, "ops-mail"),) if self._is_new else ()
        return (
            *name,
            *self._kind_fields(),
            Field("fallback", "Where it fails", begun.fallback or "", "a channel that is told", self._others),
            Field("deadline", "Deadline", f"{begun.deadline_seconds:g}", "seconds for one message"),
            Field("title", "Title", begun.title, "$mark$title; empty: the message's own"),
            Field("description", "Description", begun.description, "whom it reaches"),
        )

    def _kind_fields(self) -> Sequence[Field]:
        begun, mail = self._begun, self._begun.mail
        match begun.kind:
            case ChannelKind.SMTP:
                security = mail.security if mail else MailSecurity.STARTTLS
                return (
                    Field("host", "Mail server", mail.host if mail else "", "mail.example.com"),
                    Field("port", "Port", str(mail.port) if mail else "", "empty: the usual one"),
                    Field("security", "Encrypted by", security.value, ", ".join(_SECURITIES), _SECURITIES),
                    Field("sender", "From", mail.sender if mail else "", "patchdeck@example.com"),
                    Field("recipients", "To", ", ".join(mail.recipients) if mail else "", "ops@example.com, …"),
                    Field("user", "User", (mail.user or "") if mail else "", "empty: the server asks for none"),
                    Field("ca_file", "Certificates", begun.ca_file or "", "a file of those to trust, too"),
                )
            case ChannelKind.WEBHOOK:
                return (
                    Field("key_file", "Signing key from", "", "a file with a new key; empty: as it is"),
                    Field("ca_file", "Certificates", begun.ca_file or "", "a file of those to trust, too"),
                )
            case ChannelKind.COMMAND:
                return (Field("command", "Command", shlex.join(begun.command), "/usr/local/bin/tell --team ops"),)
            case _:
                return ()

    def hint(self) -> None:
        """What is asked for next."""
        if self._is_new or self._begun.kind is ChannelKind.COMMAND:
            self.tell(Piece(_HINTS[self._begun.kind], Tone.DIM))
        else:
            self.tell(Piece("S on the list of channels gives its URL, its password anew.", Tone.DIM))

    def made(self, texts: dict[str, str]) -> ChannelDraft:
        """The channel.

        Raises:
            BadInput: a field cannot be used.
        """
        begun = self._begun
        channel = replace(
            begun,
            name=check_channel_name(texts.get("name", begun.name)),
            mail=_mail(texts) if begun.kind is ChannelKind.SMTP else None,
            command=_command(texts["command"]) if begun.kind is ChannelKind.COMMAND else (),
            ca_file=texts.get("ca_file") or None,
            fallback=texts["fallback"] or None,
            deadline_seconds=_seconds(texts["deadline"]),
            title=texts["title"],
            description=texts["description"],
        )
        return ChannelDraft(channel, texts.get("key_file", ""))


def _mail(texts: dict[str, str]) -> MailServer:
    if texts["security"].lower() not in _SECURITIES:
        raise UnknownName("encryption", texts["security"], _SECURITIES)
    security = MailSecurity(texts["security"].lower())
    if texts["port"] and not (texts["port"].isdecimal() and len(texts["port"]) <= 5):
        raise BadInput(f"{texts['port'][:20]!r} is no port.")
    port = int(texts["port"]) if texts["port"] else security.usual_port
    recipients = tuple(each.strip() for each in texts["recipients"].split(",") if each.strip())
    return MailServer(texts["host"], port, security, texts["sender"], recipients, texts["user"] or None)


def _command(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise BadInput(f"The command {text!r} cannot be read: {error}.") from error


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise BadInput(f"{text!r} is no number of seconds.") from error
