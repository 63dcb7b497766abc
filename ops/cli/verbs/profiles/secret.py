"""`patchdeck profiles set-secret`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.profiles import SecretOrigin, SecretPlace
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.profiles import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.home import Home

_ACTION = "profile.set-secret"


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("set-secret")(set_secret)


def set_secret(
    context: typer.Context,
    name: options.Name,
    kind: options.Kind,
    place: Annotated[
        SecretPlace | None,
        typer.Option(
            "--in", help="Where it is kept, or prompt: typed each time. Default: the keyring if there is one."
        ),
    ] = None,
    command: Annotated[
        str | None,
        typer.Option("--command", metavar="COMMAND", help="A program that prints it on its first line; never a shell."),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="The profile has none any more.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Say where a profile's secret is found, and put it there, without trying it; rotate tries it first.

    What is kept is asked for without echo, or read as one line of standard input. It is never an argument.

    Examples: `patchdeck profiles set-secret web become --in keyring` and `patchdeck profiles set-secret web password
    --command 'pass show patchdeck/web'`
    """
    from fleet.profiles import check_profile
    from ops.credentials.book import find_profile
    from ops.credentials.rotating import Change, put_in_place, with_origin
    from ops.secrets import read_new_secret

    home = session_of(context).home()
    profile = find_profile(home, name)
    origin = None if forget else choose_origin(home, place, command, old=profile.origin(kind))
    changed = with_origin(profile, kind, origin)
    check_profile(changed)  # before anybody types a secret for it
    secret = read_new_secret(f"New {kind.words} of profile {profile.name}: ") if origin and origin.place.keeps else None
    put_in_place(home, Change(changed, kind, secret), _ACTION)
    say(f"Profile {profile.name}: its {kind.words} is {_where(origin)}.")
    if json:
        options.tell(home, [find_profile(home, name)], json=True)
    return ExitCode.OK


def _where(origin: SecretOrigin | None) -> str:
    if origin is None:
        return "gone"
    if origin.place.keeps:
        return f"in the {origin.place.words}"
    return "what the command prints" if origin.command else "typed each time"


def choose_origin(
    home: "Home", place: SecretPlace | None, command: str | None, *, old: SecretOrigin | None
) -> SecretOrigin:
    """Where a secret is to be found: as was said, else where it was, else where there is a place for it.

    Raises:
        BadInput: both a command and another place are named.
        KeyringUnusable: nothing is named, and there is no place.
    """
    from fleet.errors import BadInput
    from ops.credentials.commands import parse_command
    from ops.credentials.keeping import choose_place

    if command is not None:
        if place not in (None, SecretPlace.COMMAND):
            raise BadInput(f"A secret comes from a command or is in the {place.words}: give one of the two.")
        return SecretOrigin(SecretPlace.COMMAND, parse_command(command))
    if place is SecretPlace.COMMAND:
        raise BadInput("Say which command, for example --command 'pass show patchdeck/web'.")
    if place is None and old is not None and old.place.keeps:
        return SecretOrigin(old.place)
    return SecretOrigin(choose_place(home, place))
