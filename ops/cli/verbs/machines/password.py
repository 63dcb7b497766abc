"""`patchdeck machines password`."""

from typing import Annotated

import typer

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
    forget: Annotated[bool, typer.Option("--forget", help="Remove the stored password.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Store a machine's password in the keyring.

    It is asked for without echo, or read as one line of standard input. Patchdeck keeps it nowhere else.
    """
    from ops.enrolment import find_machine, note_deed
    from ops.secrets import forget_secret, read_secret, store_secret

    home = session_of(context).home()
    machine = find_machine(home, name)
    kind = "sudo" if sudo else "login"
    if forget:
        changed = forget_secret(machine, sudo=sudo)
        done = "removed from the keyring" if changed else "not in the keyring: nothing to remove"
    else:
        store_secret(machine, read_secret(f"{kind.capitalize()} password of {machine.name}: "), sudo=sudo)
        changed, done = True, "stored in the keyring"
    if changed:
        note_deed(home, "machine.forget-password" if forget else "machine.store-password", f"{machine.name} ({kind})")
    say(f"{machine.name}: {kind} password {done}.")
    if json:
        _print_json(machine.name, kind, is_stored=not forget)
    return ExitCode.OK


def _print_json(name: str, kind: str, *, is_stored: bool) -> None:
    from ops.cli.listing import Column, Listing, show_listing

    columns = (Column("name"), Column("password"), Column("is_stored"))
    show_listing(Listing(columns, [(name, kind, is_stored)]), as_json_text=True)
