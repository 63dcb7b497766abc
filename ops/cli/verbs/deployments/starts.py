"""`patchdeck deployments starts`."""

from typing import Annotated

import typer

from ops.cli.deployment_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("starts")(starts)


def starts(
    context: typer.Context,
    name: Name,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, max=1000, help="How many starts.")] = 10,
    json: JsonOption = False,
) -> ExitCode:
    """Show the next starts of a deployment.

    In the schedule's zone and in UTC, with what a change of clocks moved, and what blackouts skip.
    """
    from ops.cli.deployment_starts import list_starts
    from ops.cli.listing import show_listing
    from ops.deployments.definitions import find_deployment
    from ops.deployments.overview import coming_starts
    from ops.state.audit import utc_now

    deployment = find_deployment(session_of(context).home(), name).deployment
    now = utc_now()
    found = coming_starts(deployment, now, count)
    show_listing(list_starts(found), as_json_text=json)
    if deployment.schedule is None:
        say(f"{deployment.name} has no schedule: it runs when asked, patchdeck deployments run {deployment.name}")
    elif not found:
        say(f"{deployment.name} has no start any more.")
    if not deployment.enabled:
        say(f"{deployment.name} is disabled: none of these starts anything.")
    return ExitCode.OK
