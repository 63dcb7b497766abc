"""`patchdeck deployments remove`."""

from typing import Annotated

import typer

from ops.cli.deployment_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("remove")(remove)


def remove(
    context: typer.Context,
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Remove a deployment.

    Runs that wait or are in progress go on, since each has its own copy; cancel them if you want them to end.
    The history stays.
    """
    from fleet.errors import BadInput
    from ops.cli.confirmation import confirm
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_talk import describe_runs
    from ops.cli.listing import show_listing
    from ops.deployments.definitions import find_deployment, remove_deployment
    from ops.deployments.overview import overview_of

    home = session_of(context).home()
    overview = overview_of(home, find_deployment(home, name))
    called = overview.stored.deployment.name
    if not yes and not confirm(f"Remove the deployment {called}?", "--yes"):
        raise BadInput("Nothing was removed.")
    remove_deployment(home, called)
    say(f"{called} is removed; its history stays.")
    for line in describe_runs(overview.open_runs, "removing"):
        say(line)
    if json:
        show_listing(list_definitions([overview]), as_json_text=True)
    return ExitCode.OK
