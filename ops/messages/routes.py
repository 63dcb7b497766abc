"""Where a channel leads, with the secrets that it takes: found when something is sent, and kept nowhere else."""

from collectors.secrets import Secret, SecretUnavailable
from fleet.channels import Channel, ChannelKind
from fleet.profiles import SecretOrigin, SecretPlace
from ops.credentials.commands import ask_command
from ops.credentials.keeping import find_kept
from ops.credentials.session import session_of
from ops.home import Home
from ops.messages.carrying.parcels import Route


def secret_entry(channel: Channel) -> str:
    """What a channel's URL or password is called where it is kept."""
    return f"channel:{channel.id}"


def key_entry(channel: Channel) -> str:
    """What a channel's key for signatures is called where it is kept."""
    return f"channel:{channel.id}:key"


def find_route(home: Home, channel: Channel) -> Route:
    """The way to take. May block: a keyring, a passphrase and a command take their time.

    Raises:
        SecretUnavailable: a secret cannot be had; says why.
        PatchdeckError: a keyring or the settings cannot be used.
    """
    secret = _find(home, channel, channel.secret, secret_entry(channel))
    is_mail = channel.kind is ChannelKind.SMTP
    return Route(
        kind=channel.kind,
        deadline_seconds=channel.deadline_seconds,
        url="" if is_mail else channel.url or secret,
        password=secret if is_mail else "",
        signing_key=_find(home, channel, channel.signing_key, key_entry(channel)),
        mail=channel.mail,
        command=channel.command,
        ca_file=channel.ca_file or "",
    )


def _find(home: Home, channel: Channel, origin: SecretOrigin | None, entry: str) -> str:
    if origin is None:
        return ""
    found: Secret | None
    if origin.place is SecretPlace.COMMAND:
        found = ask_command(origin.command)
    else:
        found = find_kept(session_of(home), entry, origin.place)
    if found is None:
        raise SecretUnavailable(
            f"What channel {channel.name} needs is not in the {origin.place.words} any more: give it again with "
            f"`patchdeck channels edit {channel.name} --new-secret`."
        )
    return found.reveal()
