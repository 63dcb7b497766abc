"""The options that define a channel; the verbs `add` and `edit` have them in common."""

from dataclasses import dataclass
from typing import Annotated

import typer

from fleet.channels import MailSecurity
from fleet.profiles import SecretPlace
from ops.cli.option_sets import OptionSet

_Text = str | None
_Texts = list[str] | None


@dataclass(frozen=True, slots=True)
class ChannelOptions(OptionSet):
    """What was given, None where nothing was."""

    url: Annotated[
        _Text,
        typer.Option("--url", metavar="URL", help="A URL that is no secret and may be listed; else it is asked for."),
    ] = None
    secret_file: Annotated[
        _Text,
        typer.Option(
            "--secret-file", metavar="FILE", help="Read the secret URL, or the password, from its first line."
        ),
    ] = None
    secret_command: Annotated[
        _Text,
        typer.Option(
            "--secret-command", metavar="COMMAND", help="A program that prints it when it is needed; never a shell."
        ),
    ] = None
    place: Annotated[
        SecretPlace | None,
        typer.Option("--in", help="Where secrets are kept: keyring or file. Default: the keyring if there is one."),
    ] = None
    server: Annotated[_Text, typer.Option("--server", metavar="HOST[:PORT]", help="smtp: where mail is handed in.")] = (
        None
    )
    security: Annotated[
        MailSecurity | None, typer.Option("--security", help="smtp: how it is encrypted. Default: starttls.")
    ] = None
    sender: Annotated[_Text, typer.Option("--from", metavar="ADDRESS", help="smtp: from whom.")] = None
    recipients: Annotated[
        _Texts, typer.Option("--to", metavar="ADDRESS", help="smtp: to whom; may be given several times.")
    ] = None
    user: Annotated[_Text, typer.Option("--user", metavar="NAME", help="smtp: logs in; the password is asked for.")] = (
        None
    )
    command: Annotated[
        _Text,
        typer.Option("--command", metavar="COMMAND", help="command: a program with its arguments; never a shell."),
    ] = None
    new_signing_key: Annotated[
        _Text,
        typer.Option(
            "--new-signing-key", metavar="FILE", help="webhook: sign with a new key; FILE gets it, for the receiver."
        ),
    ] = None
    signing_key_file: Annotated[
        _Text, typer.Option("--signing-key-file", metavar="FILE", help="webhook: sign with the key in this file.")
    ] = None
    signing_key_command: Annotated[
        _Text,
        typer.Option(
            "--signing-key-command", metavar="COMMAND", help="webhook: sign with the key that a program prints."
        ),
    ] = None
    ca_file: Annotated[
        _Text, typer.Option("--ca-file", metavar="FILE", help="webhook, smtp: certificates to trust, as PEM.")
    ] = None
    title: Annotated[
        _Text, typer.Option("--title", metavar="TEMPLATE", help="The title, as in '$mark${fact deployment}: $title'.")
    ] = None
    text: Annotated[_Text, typer.Option("--text", metavar="TEMPLATE", help="The text, as in '$text $facts'.")] = None
    text_file: Annotated[
        _Text, typer.Option("--text-file", metavar="FILE", help="The same from a file, in as many lines as it has.")
    ] = None
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline", metavar="SECONDS", min=1, max=300, help="How long one attempt may take. Default: 30."
        ),
    ] = None
    fallback: Annotated[
        _Text, typer.Option("--fallback", metavar="CHANNEL", help="Who is told when this one could not deliver.")
    ] = None
    description: Annotated[_Text, typer.Option("--description", metavar="TEXT", help="What it is for.")] = None


Name = Annotated[str, typer.Argument(metavar="NAME", help="The channel.", show_default=False)]
CLEARABLE = ("ca-file", "description", "fallback", "signing-key", "text", "title", "user")
