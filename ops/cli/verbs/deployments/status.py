"""`patchdeck deployments status`."""

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.run_options import Run
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("status")(status)


def status(context: typer.Context, run: Run, as_of: AsOfOption = None, json: JsonOption = False) -> ExitCode:
    """Show where a run stands.

    Its window, its waves, what is asked of it, and its machines with the step that each is at.
    """
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_machines
    from ops.cli.run_page import page_lines, page_listing
    from ops.deployments.history import view_run
    from ops.deployments.run_picture import picture_of
    from ops.past.runs import view_run_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    view = view_run(home, run) if at is None else view_run_at(home, run, at)
    say_instant(at)
    if json:
        show_listing(page_listing(view), as_json_text=True)
        return ExitCode.OK
    show_lines(page_lines(view, picture_of(home, view.run.id, at)))
    if view.machines:
        show_lines([""])
        show_listing(list_machines(view.machines), as_json_text=False)
    return ExitCode.OK
