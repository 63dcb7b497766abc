"""`patchdeck deployments results`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.run_options import Run
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("results")(results)


def results(
    context: typer.Context,
    run: Run,
    machine: Annotated[
        str | None, typer.Argument(metavar="MACHINE", help="Of this machine only.", show_default=False)
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Only Succeeded, InstallFailed, NotStarted …; several times."),
    ] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List what became of each update of a run.

    By comparing what was installed before and after, with the error and, in JSON, the part of the log that shows it.
    """
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_results, parse_outcomes
    from ops.cli.run_talk import describe_results
    from ops.deployments.history import machine_called, view_run
    from ops.past.runs import view_run_at

    statuses = parse_outcomes(status or [])
    home = session_of(context).home()
    at = read_as_of(home, as_of)
    view = view_run(home, run) if at is None else view_run_at(home, run, at)
    chosen = [machine_called(view, machine)] if machine is not None else view.machines
    show_listing(list_results(chosen, statuses), as_json_text=json)
    say(describe_results(view.run, chosen))
    say_instant(at)
    return ExitCode.OK
