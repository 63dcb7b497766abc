"""`patchdeck machines show`."""

import sys

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.verbs.machines import options
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("show")(show)


def show(context: typer.Context, name: options.Name, json: JsonOption = False) -> ExitCode:
    """Show all that is known of one machine.

    Its definition, its last answer, its facts, findings with their remedies.
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_page import machine_lines, machine_listing
    from ops.enrolment import find_machine
    from ops.state.audit import utc_now
    from ops.statuses import statuses_of

    home = session_of(context).home()
    machine = find_machine(home, name)
    (status,) = [status for status in statuses_of(home, ["all"]) if status.machine.id == machine.id]
    if json:
        show_listing(machine_listing(status, utc_now()), as_json_text=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in machine_lines(status, utc_now()))
    return ExitCode.OK
