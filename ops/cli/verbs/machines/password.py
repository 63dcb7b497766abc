"""`patchdeck machines password`."""

from typing import Annotated

import typer

from fleet.profiles import SecretKind, SecretPlace
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("password")(password)


def password(
    context: typer.Context,
    name: options.Name,
    sudo: Annotated[bool, typer.Option("--sudo", help="The password for sudo, not the one to log in with.")] = False,
    forget: Annotated[bool, typer.Option("--forget", help="Remove the stored password, wherever it is kept.")] = False,
    place: Annotated[
        SecretPlace | None,
        typer.Option("--in", help="keyring, or file: the home's encrypted ones. Default: the keyring if there is one."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Store a machine's own password, in the keyring or in the home's encrypted files.

    It is asked for without echo, or read as one line of standard input. It stands above that of the machine's profile.

    Example: `patchdeck machines password db-07 --sudo`
    """
    from fleet.errors import BadInput
    from ops.credentials.keeping import (
        choose_place,
        forget_elsewhere,
        forget_everywhere,
        keep_secret,
        machine_entry,
    )
    from ops.enrolment import find_machine, note_deed
    from ops.secrets import read_secret

    if place is not None and not place.keeps:
        raise BadInput(
            f"A machine's own password is kept in the keyring or in a file, not in a {place}: use a profile."
        )
    home = session_of(context).home()
    machine = find_machine(home, name)
    word = "sudo" if sudo else "login"
    entry = machine_entry(machine, SecretKind.BECOME if sudo else SecretKind.PASSWORD)
    if forget:
        changed = forget_everywhere(home, entry)
        done = "removed" if changed else "not kept anywhere: nothing to remove"
    else:
        chosen = choose_place(home, place)
        secret = read_secret(f"{word.capitalize()} password of {machine.name}: ")
        keep_secret(home, entry, secret, chosen)
        forget_elsewhere(home, entry, chosen)
        changed, done = True, f"stored in the {chosen.words}"
    if changed:
        note_deed(home, "machine.forget-password" if forget else "machine.store-password", f"{machine.name} ({word})")
    say(f"{machine.name}: {word} password {done}.")
    if json:
        _print_json(machine.name, word, is_stored=not forget)
    return ExitCode.OK


def _print_json(name: str, kind: str, *, is_stored: bool) -> None:
    from ops.cli.listing import Column, Listing, show_listing

    columns = (Column("name"), Column("password"), Column("is_stored"))
    show_listing(Listing(columns, [(name, kind, is_stored)]), as_json_text=True)
