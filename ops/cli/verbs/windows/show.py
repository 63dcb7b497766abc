"""`patchdeck windows show` and `kept`."""

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.cli.windows_run import Deadline, Targets
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("show")(show)
    app.command("kept")(kept)


def show(context: typer.Context, targets: Targets, deadline: Deadline = 120.0, json: JsonOption = False) -> ExitCode:
    """Show the settings of the Windows Update client, and what they mean.

    Asks the machines now: automatic updates, restarts, where updates come from, what Group Policy sets, and what
    Patchdeck wrote. Changes nothing there. Ends with 3 where a machine did not answer.

    Example: `patchdeck windows show sql-01`
    """
    import asyncio

    from ops.cli.client_settings_listing import list_settings, settings_lines
    from ops.cli.listing import show_listing
    from ops.cli.windows_run import machines_meant, secrets_for
    from ops.windows.settings import read_settings

    session = session_of(context)
    machines = machines_meant(session, targets, "windows show")
    secrets = secrets_for(session, machines)
    found = asyncio.run(read_settings(session.home(), machines, secrets, deadline_seconds=deadline))
    if json:
        show_listing(list_settings(found), as_json_text=True)
    else:
        show_lines(line for settings in found for line in settings_lines(settings))
    return ExitCode.MACHINES_FAILED if any(each.failure for each in found) else ExitCode.OK


def kept(context: typer.Context, targets: Targets, json: JsonOption = False) -> ExitCode:
    """List what `windows restore` would put back; asks no machine.

    Example: `patchdeck windows kept all`
    """
    from fleet.targets import select_machines
    from ops.cli.client_settings_listing import list_kept_values
    from ops.cli.listing import show_listing
    from ops.cli.terminal import say
    from ops.enrolment import list_machines
    from ops.groups import group_members
    from ops.windows.settings import list_kept

    home = session_of(context).home()
    found = list_kept(home, select_machines(targets, list_machines(home), group_members(home)))
    show_listing(list_kept_values(found), as_json_text=json)
    if not found:
        say("Nothing is kept: Patchdeck has changed no setting of these machines, or all were put back.")
    return ExitCode.OK
