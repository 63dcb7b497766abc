"""`patchdeck machines accept-key`."""

from typing import TYPE_CHECKING, Annotated

import typer

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from collectors.host_keys import HostKey


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("accept-key")(accept)


def accept(
    context: typer.Context,
    name: options.Name,
    fingerprint: Annotated[
        str | None,
        typer.Option("--fingerprint", help="Accept if the key has this fingerprint (SHA256:…); else refuse."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept whatever key the machine shows, without comparing it.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Show a machine's host key and trust it.

    It is trusted from now on if you say so, in the place of any other key of that machine.

    Compare the fingerprint with the machine's own, for example by
    `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` on its console.
    """
    import asyncio

    from ops.enrolment import find_machine
    from ops.host_keys import accept_key, fetch_key

    home = session_of(context).home()
    machine = find_machine(home, name)
    key = asyncio.run(fetch_key(home, machine))
    say(f"{machine.name} ({key.host}, port {key.port}) shows {key.algorithm} {key.fingerprint}")
    if fingerprint is not None and fingerprint != key.fingerprint:
        raise BadInput(f"That is not {fingerprint}: the key was not accepted.")
    if fingerprint is None and not yes and not confirm("Trust this key?", "--fingerprint SHA256:…"):
        raise BadInput("The key was not accepted.")
    accept_key(home, machine, key)
    say(f"Accepted, in {home.known_hosts}.")
    if json:
        _print_json(machine.name, key)
    return ExitCode.OK


def _print_json(name: str, key: "HostKey") -> None:
    from ops.cli.listing import Column, Listing, show_listing

    columns = tuple(map(Column, ("name", "host", "port", "algorithm", "fingerprint")))
    row = (name, key.host, key.port, key.algorithm, key.fingerprint)
    show_listing(Listing(columns, [row]), as_json_text=True)
