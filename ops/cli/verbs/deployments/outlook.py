"""`patchdeck deployments outlook`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("outlook")(outlook)


def outlook(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The deployment; or give a file.", show_default=False)
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="A definition that is not kept; - is stdin.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show at once what a run would come to, by the last assessments: no machine is asked.

    How many updates of which class on how many machines, and how long that takes against the window, by the history of
    the fleet. `preview` asks the machines and their package managers, and is exact.
    """
    from fleet.errors import BadInput
    from ops.cli.listing import show_listing
    from ops.cli.outlook_text import Weight, list_outlook, outlook_lines
    from ops.deployments.definition_sources import read_source
    from ops.deployments.definitions import find_deployment
    from ops.deployments.outlook import Foresight
    from ops.state.audit import utc_now

    home = session_of(context).home()
    if (name is None) is (file is None):
        raise BadInput("Name a deployment, or give a definition with -f: one of the two.")
    deployment = find_deployment(home, name).deployment if name is not None else read_source(file or "-", None, None)[0]
    foreseen = Foresight(home).look(deployment, utc_now())
    if json:
        show_listing(list_outlook(foreseen.outlook), as_json_text=True)
        return ExitCode.OK
    for weight, line in outlook_lines(deployment, foreseen):
        if weight is Weight.NOTE:
            say(line)
        else:
            show_lines([line])
    for start in foreseen.starts:
        show_lines([f"Starts {start.local}{f': {start.skipped}' if start.skipped else ''}"])
    return ExitCode.OK
