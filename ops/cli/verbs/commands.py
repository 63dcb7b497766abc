"""`patchdeck commands`: the real commands that Patchdeck runs on a machine."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_text
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("commands")(commands)


def commands(
    context: typer.Context,
    machine: Annotated[str, typer.Argument(metavar="MACHINE", help="A machine's name.")],
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Only what this run ran on it: its id, or how that begins."),
    ] = None,
    script: Annotated[
        bool, typer.Option("--script", help="The whole script of the next assessment, as it goes to the machine.")
    ] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Show the commands that Patchdeck runs on a machine.

    What its next assessment would run, and what the last runs of deployments ran, each with its time and exit status.
    Nothing is run and nothing connects; passwords are not in it.
    """
    from fleet.errors import BadInput
    from ops.cli.listing import show_listing, write_json
    from ops.cli.remote_command_listing import list_remote_commands
    from ops.remote_commands import commands_of_machine

    if script and run is not None:
        raise BadInput("A run notes its command lines, not its scripts: leave out --run or --script.")
    found = commands_of_machine(session_of(context).home(), machine, run)
    if not script:
        show_listing(list_remote_commands(found), as_json_text=json)
    elif json:
        write_json([{"command": found[0].command, "script": found[0].script}])
    else:
        show_text(found[0].script.rstrip("\n") + "\n")
    return ExitCode.OK
