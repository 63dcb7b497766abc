"""`patchdeck deployments add`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.deployment_options import DefinitionOptions
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.deployments.definitions import Defined


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("add")(add)


@DefinitionOptions.taken_by
def add(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="The deployment's name; with -f, the file's by default.", show_default=False
        ),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="Read all of it from TOML or YAML; - is stdin.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="toml|yaml", help="The file's format. Default: by its name.")
    ] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of the one with its name.")] = False,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Define a deployment.

    The same definition again changes nothing; another one of the same name is refused: use edit, or --replace.

    Nothing is started: the schedule does that, or `deployments run`.
    """
    options = DefinitionOptions(**given)  # type: ignore[arg-type]  # typer read each by its field's type
    session = session_of(context)
    if file is not None:
        defined = _from_file(session, name, file, format_, options, replace)
    else:
        defined = _from_flags(session, name, format_, options, replace)
    _tell(session, defined, json)
    return ExitCode.OK


def _from_flags(
    session: Session, name: str | None, format_: str | None, options: DefinitionOptions, replace: bool
) -> "Defined":
    from fleet.deployments.deployment import Deployment
    from fleet.deployments.names import check_deployment_name
    from fleet.errors import BadInput
    from ops.cli.deployment_flags import apply_flags, check_complete
    from ops.deployments.definitions import define
    from ops.state.audit import utc_now

    if name is None:
        raise BadInput("Give the deployment a name, or a file with -f.")
    if format_ is not None:
        raise BadInput("--format is for -f.")
    check_deployment_name(name)
    check_complete(options)
    return define(session.home(), apply_flags(Deployment(name, ()), options, utc_now()), replace=replace)


def _from_file(
    session: Session, name: str | None, file: str, format_: str | None, options: DefinitionOptions, replace: bool
) -> "Defined":
    from fleet.errors import BadInput
    from ops.deployments.definition_sources import read_source
    from ops.deployments.definitions import define

    if options.given:
        given = options.option_of(options.given[0])
        raise BadInput(f"With -f the file says everything: leave out {given}, or write it there.")
    deployment, source = read_source(file, format_, name)
    return define(session.home(), deployment, source, replace=replace)


def _tell(session: Session, defined: "Defined", json: bool) -> None:
    from ops.approvals.overview import approval_of_plan
    from ops.cli.approval_talk import describe_bar
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_talk import describe_outcome, describe_reach
    from ops.cli.listing import show_listing
    from ops.deployments.overview import overview_of

    deployment = defined.stored.deployment
    seen = overview_of(session.home(), defined.stored)
    bar = describe_bar(approval_of_plan(session.home(), deployment, ""), deployment)
    for line in (describe_outcome(deployment.name, defined.outcome), *describe_reach(seen), *bar):
        say(line)
    if json:
        show_listing(list_definitions([seen]), as_json_text=True)
