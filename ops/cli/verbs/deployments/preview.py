"""`patchdeck deployments preview`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.assess_options import AskPassword, AskSudoPassword, Deadline, fleet_options
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say, show_lines, terminal_width
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.deployments.deployment import Deployment
    from ops.assess import FleetOptions


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("preview")(preview)


def preview(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The deployment; or give a file.", show_default=False)
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="TARGET", help="Only these of its machines.", show_default=False),
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", "-f", metavar="FILE", help="A definition that is not kept; - is stdin.")
    ] = None,
    format_: Annotated[
        str | None, typer.Option("--format", metavar="toml|yaml", help="The file's format. Default: by its name.")
    ] = None,
    window: Annotated[
        int | None, typer.Option("--window", metavar="MINUTES", min=1, help="As for a run with another window.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the plan to this file too, as JSON.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="List every update that is left out, where many are only counted.")
    ] = False,
    ask_password: AskPassword = False,
    ask_sudo_password: AskSudoPassword = False,
    deadline: Deadline = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show what a run would do now; installs nothing.

    Has package lists fetched where that is allowed, assesses the machines and lets each package manager simulate: what
    is installed, what is left out and why, reboots, sizes, and how long it takes against the window. Ends with the
    plan's hash, for --require-plan.
    """
    from ops.deployments.run_requests import left_out_of, narrow

    session = session_of(context)
    chosen, limits = _choose(session, name, targets or [], file, format_)
    deployment = narrow(session.home(), chosen, limits, window_minutes=window)
    for line in left_out_of(session.home(), chosen, limits) if limits else ():  # the plan never had them
        say(line)
    options = fleet_options(
        session, refresh=True, ask_password=ask_password, ask_sudo_password=ask_sudo_password, deadline=deadline
    )
    return _show(session, deployment, options, output, json=json, all_left_out=all_)


def _choose(
    session: Session, name: str | None, targets: list[str], file: str | None, format_: str | None
) -> tuple["Deployment", list[str]]:
    """The deployment, and the targets that limit it."""
    from fleet.errors import BadInput
    from ops.deployments.definition_sources import read_source
    from ops.deployments.definitions import find_deployment

    if file is not None:
        # What looks like the name is the first target: the file says what it is called.
        return read_source(file, format_, None)[0], [name, *targets] if name else targets
    if name is None:
        raise BadInput("Name a deployment, or give a file with -f.")
    if format_ is not None:
        raise BadInput("--format is for -f.")
    return find_deployment(session.home(), name).deployment, targets


def _show(
    session: Session,
    deployment: "Deployment",
    options: "FleetOptions",
    output: Path | None,
    *,
    json: bool,
    all_left_out: bool,
) -> ExitCode:
    from ops.approvals.overview import approval_of_plan
    from ops.cli.approval_talk import describe_need
    from ops.cli.deployment_talk import describe_choice
    from ops.cli.left_out_text import is_folded
    from ops.cli.listing import show_listing
    from ops.cli.plan_file import write_plan
    from ops.cli.plan_listing import list_plan
    from ops.cli.plan_run import run_preview
    from ops.cli.plan_text import describe_plan, plan_lines
    from ops.deployments.run_requests import machines_of
    from ops.secrets import type_secrets

    machines = machines_of(session.home(), deployment)
    type_secrets(options.secrets, machines)
    made = run_preview(session.home(), deployment, options, len(machines))
    if output is not None:
        write_plan(output, made.plan)
    if json:
        show_listing(list_plan(made.plan), as_json_text=True)
    else:
        lines = plan_lines(made.plan, deployment.window, width=terminal_width(), all_left_out=all_left_out)
        show_lines(lines)
        if not all_left_out and any(is_folded(machine.selection.left_out) for machine in made.plan.machines):
            say("Of what is left out much is only counted: --all lists it.")
    for line in (describe_choice(deployment), *made.notes, *describe_plan(made.plan)):
        say(line)
    for line in describe_need(approval_of_plan(session.home(), deployment, made.plan.hash)):
        say(line)
    if made.is_interrupted:
        return ExitCode.INTERRUPTED
    return (
        ExitCode.MACHINES_FAILED
        if any(machine.problem or machine.obstacles for machine in made.plan.machines)
        else ExitCode.OK
    )
