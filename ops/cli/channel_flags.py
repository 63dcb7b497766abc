"""From the options of a channel to the channel and its secrets: asked for, read or made, and looked at before all."""

import os
import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from collectors.secrets import Secret
from fleet.channels import Channel, ChannelKind, MailSecurity, MailServer, check_channel
from fleet.errors import BadInput, UnknownName
from fleet.profiles import SecretOrigin, SecretPlace
from fleet.webhook_signatures import read_key, write_key
from ops.cli.channel_options import CLEARABLE, ChannelOptions
from ops.credentials.commands import ask_command, parse_command
from ops.credentials.keeping import KeyringUnusable, choose_place
from ops.home import Home
from ops.messages.addresses import check_url
from ops.messages.channels import NewSecrets
from ops.messages.wording import check_templates
from ops.secrets import read_new_secret

_URL_KINDS = (ChannelKind.APPRISE, ChannelKind.WEBHOOK)
_KEY_BYTES = 32
_LONGEST_SECRET = 4_096
_LONGEST_TEXT = 65_536
_OF_KIND = {
    ChannelKind.APPRISE: ("url", "secret_file", "secret_command"),
    ChannelKind.WEBHOOK: (
        *("url", "secret_file", "secret_command", "ca_file"),
        *("new_signing_key", "signing_key_file", "signing_key_command"),
    ),
    ChannelKind.SMTP: (
        *("server", "security", "sender", "recipients", "user", "ca_file", "secret_file", "secret_command"),
    ),
    ChannelKind.COMMAND: ("command",),
}
_OPTIONS = {"sender": "from", "recipients": "to", "place": "in"}


def apply_options(
    home: Home, old: Channel, options: ChannelOptions, cleared: Sequence[str] = (), *, wants_secret: bool
) -> tuple[Callable[[Channel], Channel], NewSecrets]:
    """What the options make of a channel that is ``old`` now, and the secrets that came with it.

    ``wants_secret``: its URL or password is to be given, whether it has one or not. What can be told to be wrong is
    told before anybody types a secret.

    Raises:
        BadInput: an option that does not fit, a secret that cannot be used.
        PatchdeckError: a secret cannot be had, or there is no place to keep it.
    """
    _check_options(old.kind, options, cleared)
    plain = _plain(old, options, cleared)
    check_templates(plain)
    origin = _secret_origin(home, plain, options, wants_secret=wants_secret)
    key_origin = _key_origin(home, plain, options)
    check_channel(replace(plain, secret=origin, signing_key=key_origin))
    secret, seen = _read_secret(plain, origin, options, is_new=origin is not plain.secret or wants_secret)
    key = _read_key(options, key_origin)
    address = _address(plain, seen)
    changed = replace(plain, secret=origin, signing_key=key_origin, address=address)

    def change(now: Channel) -> Channel:
        fields = {name: getattr(changed, name) for name in Channel.__dataclass_fields__ if name != "is_enabled"}
        return replace(now, **fields)

    return change, NewSecrets(secret, key)


def _check_options(kind: ChannelKind, options: ChannelOptions, cleared: Sequence[str]) -> None:
    for name in sorted({each for group in _OF_KIND.values() for each in group} - set(_OF_KIND[kind])):
        if getattr(options, name) is not None:
            option = _OPTIONS.get(name, name).replace("_", "-")
            raise BadInput(f"--{option} is not for channels of the kind {kind.value}.")
    for name in cleared:
        if name not in CLEARABLE:
            raise UnknownName("option to clear", name, CLEARABLE)
    _one_of(options, "url", "secret_file", "secret_command")
    _one_of(options, "new_signing_key", "signing_key_file", "signing_key_command")
    _one_of(options, "text", "text_file")


def _one_of(options: ChannelOptions, *names: str) -> None:
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(options, name) is not None]
    if len(given) > 1:
        raise BadInput(f"{' and '.join(given)} contradict each other: give one of them.")


def _plain(old: Channel, options: ChannelOptions, cleared: Sequence[str]) -> Channel:
    """The channel without what has to do with secrets."""
    changes: dict[str, object] = {
        "title": options.title,
        "text": options.text if options.text_file is None else _read_text(options.text_file),
        "ca_file": None if options.ca_file is None else _whole_file(options.ca_file),
        "deadline_seconds": options.deadline,
        "fallback": options.fallback,
        "description": options.description,
        "command": None if options.command is None else parse_command(options.command),
    }
    kept = {name: value for name, value in changes.items() if value is not None}
    for name in cleared:
        if name in ("title", "text", "description"):
            kept[name] = ""
        elif name in ("ca-file", "fallback", "signing-key"):
            kept[name.replace("-", "_")] = None
    channel = replace(old, **kept)  # type: ignore[arg-type]  # each is of its field's type
    if channel.kind is ChannelKind.SMTP:
        channel = replace(channel, mail=_mail(old.mail, options, is_without_user="user" in cleared))
    if options.url is not None:
        channel = replace(channel, url=options.url)
    elif options.secret_file is not None or options.secret_command is not None:
        channel = replace(channel, url=None)
    return channel


def _mail(old: MailServer | None, options: ChannelOptions, *, is_without_user: bool) -> MailServer:
    security = options.security or (old.security if old else MailSecurity.STARTTLS)
    host, port = (old.host, old.port) if old else ("", 0)
    if options.server is not None:
        host, port = _server(options.server, security)
    if not host:
        raise BadInput(
            "Say where mail is handed in: --server mail.example.com:587 --from a@example.com --to b@example.com"
        )
    sender = options.sender or (old.sender if old else "")
    recipients = tuple(options.recipients or (old.recipients if old else ()))
    user = None if is_without_user else options.user or (old.user if old else None)
    return MailServer(host, port, security, sender, recipients, user)


def _server(text: str, security: MailSecurity) -> tuple[str, int]:
    host, _, port = text.rpartition(":") if text.count(":") == 1 or text.startswith("[") else (text, "", "")
    if text.startswith("[") and text.endswith("]"):
        host, port = text, ""
    if port and not (port.isdecimal() and len(port) <= 5):
        raise BadInput(f"Port {port[:20]!r} of the mail server is no number: write HOST:PORT, or [ADDRESS]:PORT.")
    return host.strip("[]"), int(port) if port else security.usual_port


def _secret_origin(home: Home, channel: Channel, options: ChannelOptions, *, wants_secret: bool) -> SecretOrigin | None:
    if channel.kind in _URL_KINDS and channel.url is not None:
        return None
    if channel.kind is ChannelKind.COMMAND or (channel.mail is not None and channel.mail.user is None):
        return None
    if options.secret_command is not None:
        return SecretOrigin(SecretPlace.COMMAND, parse_command(options.secret_command))
    is_given = wants_secret or options.secret_file is not None or options.place is not None
    if channel.secret is not None and not is_given:
        return channel.secret
    return SecretOrigin(_place(home, options, channel.secret))


def _key_origin(home: Home, channel: Channel, options: ChannelOptions) -> SecretOrigin | None:
    if options.signing_key_command is not None:
        return SecretOrigin(SecretPlace.COMMAND, parse_command(options.signing_key_command))
    if options.signing_key_file is None and options.new_signing_key is None:
        return channel.signing_key
    return SecretOrigin(_place(home, options, channel.signing_key))


def _place(home: Home, options: ChannelOptions, old: SecretOrigin | None) -> SecretPlace:
    if options.place is not None and not options.place.keeps:
        raise BadInput("--in takes keyring or file; what a program prints is given with --secret-command.")
    if options.place is None and old is not None and old.place.keeps:
        return old.place
    try:
        return choose_place(home, options.place)
    except KeyringUnusable as error:
        raise KeyringUnusable(
            "There is no keyring to keep secrets in: make an encrypted place for them in this home with `patchdeck "
            "secrets init`, let a program give them (--secret-command), or give a URL that is no secret with --url."
        ) from error


def _read_secret(
    channel: Channel, origin: SecretOrigin | None, options: ChannelOptions, *, is_new: bool
) -> tuple[Secret | None, str | None]:
    """The secret that is to be kept, and what it is, to be looked at; None where it is the one that is known."""
    if origin is None or not is_new:
        return None, None
    if origin.place is SecretPlace.COMMAND:
        return None, ask_command(origin.command).reveal()
    if options.secret_file is not None:
        secret = Secret(_first_line(options.secret_file))
    else:
        what = "Password of the mail server" if channel.kind is ChannelKind.SMTP else "URL"
        secret = read_new_secret(f"{what} for channel {channel.name}: ")
    return secret, secret.reveal()


def _read_key(options: ChannelOptions, origin: SecretOrigin | None) -> Secret | None:
    if options.signing_key_command is not None and origin is not None:
        read_key(ask_command(origin.command).reveal())
        return None
    if options.signing_key_file is not None:
        key = Secret(_first_line(options.signing_key_file))
    elif options.new_signing_key is not None:
        key = Secret(write_key(os.urandom(_KEY_BYTES)))
        _write_new(Path(options.new_signing_key), key)
    else:
        return None
    read_key(key.reveal())
    return key


def _address(channel: Channel, seen: str | None) -> str:
    match channel.kind:
        case ChannelKind.SMTP if channel.mail is not None:
            return f"{channel.mail.host}:{channel.mail.port} for {', '.join(channel.mail.recipients)}"
        case ChannelKind.COMMAND:
            return shlex.join(channel.command)
        case _ if channel.url is not None:
            return check_url(channel.kind, channel.url, is_secret=False)
        case _ if seen is not None:
            return check_url(channel.kind, seen, is_secret=True)
    return channel.address


def _first_line(path: str) -> str:
    text = _read(path, _LONGEST_SECRET + 1).split("\n", 1)[0].removesuffix("\r")
    if not text or len(text) > _LONGEST_SECRET:
        raise BadInput(f"{path}: its first line is no secret of up to {_LONGEST_SECRET:,} characters.")
    return text


def _read_text(path: str) -> str:
    return _read(path, _LONGEST_TEXT).rstrip("\n")


def _read(path: str, characters: int) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(characters)
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError:
        # Without its cause: that holds what was read.
        raise BadInput(f"{path} is no text in UTF-8.") from None


def _whole_file(path: str) -> str:
    whole = Path(path).expanduser().absolute()
    if not whole.is_file():
        raise BadInput(f"There is no file {path!r}.")
    return str(whole)


def _write_new(path: Path, key: Secret) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key.reveal()}\n")
    except FileExistsError as error:
        raise BadInput(
            f"{path} is there already: name a new file for the key, or give it with --signing-key-file."
        ) from error
    except OSError as error:
        raise BadInput(f"Cannot write {path}: {error.strerror}.") from error
