"""`patchdeck assess`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.assess_options import AskPassword, AskSudoPassword, Deadline, Refresh, fleet_options
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.machines import Machine
    from ops.assess import BatchResult, FleetOptions


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("assess")(assess)


def assess(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET", help="Names, globs, tag:key=value, os:linux. Default: all.", show_default=False
        ),
    ] = None,
    refresh: Refresh = False,
    ask_password: AskPassword = False,
    ask_sudo_password: AskSudoPassword = False,
    deadline: Deadline = None,
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", metavar="N", min=1, help="Machines assessed at once. Default: the settings'."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Assess machines now.

    One connection and one command each; nothing is installed or left on them. Machines outside the scope are left out;
    one that is named by itself is told of as failed.

    Ctrl-C stops: no machine is begun any more, and what has come in is stored.
    """
    from fleet.errors import BadInput
    from fleet.targets import select_machines
    from ops.enrolment import list_machines
    from ops.groups import group_members

    session = session_of(context)
    machines = select_machines(targets or ["all"], list_machines(session.home()), group_members(session.home()))
    if not machines:
        raise BadInput(
            "No machines are enrolled. To begin with the one you are on: patchdeck machines add this --transport local"
        )
    options = fleet_options(
        session,
        refresh=refresh,
        ask_password=ask_password,
        ask_sudo_password=ask_sudo_password,
        deadline=deadline,
        concurrency=concurrency,
    )
    return _scan(session, machines, options, targets or [], json)


def _scan(
    session: Session, machines: list["Machine"], options: "FleetOptions", targets: list[str], json: bool
) -> ExitCode:
    import asyncio

    from ops.cli.assess_listing import describe_batch, list_assessments
    from ops.cli.assess_run import run_scan
    from ops.cli.listing import show_listing
    from ops.scope import refused_by_name
    from ops.secrets import type_secrets

    type_secrets(options.secrets, machines)
    result = asyncio.run(run_scan(session.home(), machines, options))
    refused = refused_by_name(result.outside, targets, result.ended_at)
    show_listing(list_assessments(result, refused), as_json_text=json)
    for line in describe_batch(result, refused):
        say(line)
    return _exit_code(result, has_refused=bool(refused))


def _exit_code(result: "BatchResult", *, has_refused: bool) -> ExitCode:
    if result.not_assessed:
        return ExitCode.INTERRUPTED
    # Who is left out because a group cannot be evaluated may well be meant.
    has_failed = bool(result.failed) or has_refused or bool(result.outside and result.scope_problems)
    return ExitCode.MACHINES_FAILED if has_failed else ExitCode.OK
