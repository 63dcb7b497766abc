"""`patchdeck deployments status`."""

import sys

import typer

from ops.cli.run_options import Run
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("status")(status)


def status(context: typer.Context, run: Run, json: JsonOption = False) -> ExitCode:
    """Show where a run stands.

    Its window, its waves, what is asked of it, and its machines with the step that each is at.
    """
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_machines
    from ops.cli.run_page import page_lines, page_listing
    from ops.deployments.history import view_run
    from ops.deployments.run_picture import picture_of

    home = session_of(context).home()
    view = view_run(home, run)
    if json:
        show_listing(page_listing(view), as_json_text=True)
        return ExitCode.OK
    sys.stdout.writelines(f"{line}\n" for line in page_lines(view, picture_of(home, view.run.id)))
    if view.machines:
        sys.stdout.write("\n")
        show_listing(list_machines(view.machines), as_json_text=False)
    return ExitCode.OK
