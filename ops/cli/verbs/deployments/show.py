"""`patchdeck deployments show`."""

from typing import Annotated

import typer

from ops.cli.deployment_options import Name
from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines, show_text
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("show")(show)


def show(
    context: typer.Context,
    name: Name,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="toml|yaml|source", help="As a definition; source: to the byte what was read."
        ),
    ] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show one deployment.

    With --format its definition, which `deployments add -f` reads again.
    """
    from fleet.errors import BadInput
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_page import page_lines
    from ops.cli.listing import show_listing
    from ops.deployments.definition_sources import definition_text, drift_of_source
    from ops.deployments.definitions import find_deployment
    from ops.deployments.overview import overview_of
    from ops.past.deployments import find_overview_at

    if format_ is not None and json:
        raise BadInput("--format and --json exclude each other.")
    home = session_of(context).home()
    at = read_as_of(home, as_of)
    then = find_overview_at(home, name, at) if at is not None else None
    stored = then.stored if then is not None else find_deployment(home, name)
    say_as_of(home, at)
    if format_ is not None:
        show_text(definition_text(stored, format_))
        if format_ == "source":
            for line in drift_of_source(stored):
                say(line)
        return ExitCode.OK
    overview = then or overview_of(home, stored)
    if json:
        show_listing(list_definitions([overview]), as_json_text=True)
    else:
        show_lines(page_lines(overview))
    return ExitCode.OK
