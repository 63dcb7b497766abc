"""`patchdeck deployments list`."""

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("list")(list_)


def list_(context: typer.Context, as_of: AsOfOption = None, json: JsonOption = False) -> ExitCode:
    """List the deployments.

    Their targets, next start (in the schedule's zone and in UTC), window, and what became of the last run.
    """
    from ops.approvals.overview import list_waiting
    from ops.cli.approval_talk import describe_waiting
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_talk import describe_all
    from ops.cli.listing import show_listing
    from ops.deployments.overview import overviews

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    seen = overviews(home, at=at)
    show_listing(list_definitions(seen), as_json_text=json)
    if seen or at is None:
        for line in (*describe_all(seen), *(describe_waiting(list_waiting(home)) if at is None else ())):
            say(line)
    else:
        say("No deployments were defined then.")
    say_as_of(home, at)
    return ExitCode.OK
