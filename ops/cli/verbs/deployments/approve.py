"""`patchdeck deployments approve` and `unapprove`."""

from typing import Annotated

import typer

from ops.cli.deployment_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("approve")(approve)
    app.command("unapprove")(unapprove)


def approve(
    context: typer.Context,
    name: Name,
    plan: Annotated[
        str,
        typer.Option("--plan", metavar="HASH", help="The plan's hash, as preview, status and messages say it."),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with it and in the audit.")] = "",
    json: JsonOption = False,
) -> ExitCode:
    """Approve the plan of a deployment that needs others' approval.

    A run begins only once so many others as the deployment asks for have approved exactly what it would do. Yours does
    not count for what you asked for, added or edited last, whatever user you act as.

    For example, with the hash that `patchdeck deployments preview web` prints last:
    patchdeck deployments approve web --plan HASH --note 'ticket 4711'
    """
    from ops.approvals.giving import approve as give
    from ops.approvals.overview import list_approvals
    from ops.cli.approval_listing import list_rows
    from ops.cli.approval_talk import describe_given
    from ops.cli.listing import show_listing

    home = session_of(context).home()
    given = give(home, name, plan, note)
    for line in describe_given(given):
        say(line)
    if json:
        shown = list_approvals(home, given.approval.deployment)
        show_listing(list_rows([each for each in shown if each.approval.id == given.approval.id]), as_json_text=True)
    return ExitCode.OK


def unapprove(
    context: typer.Context,
    name: Name,
    plan: Annotated[
        str, typer.Option("--plan", metavar="HASH", help="Of the plan with this hash only, or that begins so.")
    ] = "",
    all_: Annotated[bool, typer.Option("--all", help="What others approved, too.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Withdraw your approvals of a deployment.

    A run that waits goes on waiting; one that has begun goes on.
    """
    from ops.approvals.giving import withdraw
    from ops.approvals.overview import list_approvals
    from ops.cli.approval_listing import list_rows
    from ops.cli.approval_talk import describe_withdrawn
    from ops.cli.listing import show_listing

    home = session_of(context).home()
    withdrawn = withdraw(home, name, plan, of_all=all_)
    say(describe_withdrawn(name, withdrawn))
    if json:
        ids = {each.id for each in withdrawn}
        shown = list_approvals(home, name, past=True)
        show_listing(list_rows([each for each in shown if each.approval.id in ids]), as_json_text=True)
    return ExitCode.OK
