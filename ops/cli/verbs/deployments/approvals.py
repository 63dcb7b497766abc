"""`patchdeck deployments approvals`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("approvals")(approvals)


def approvals(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of this deployment only.", show_default=False)
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Those that were used, lapsed or withdrawn, too; each says why.")
    ] = False,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List who approved which plan, and which runs wait for approval.

    An approval is of one plan and for one run. It lapses after the setting approvals.hours, when the deployment is
    edited, and when a run finds that the plan has drifted.
    """
    from ops.approvals.overview import list_approvals, list_waiting
    from ops.cli.approval_listing import list_rows
    from ops.cli.approval_talk import describe_waiting
    from ops.cli.listing import show_listing
    from ops.cli.values import count_of

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    shown = list_approvals(home, name, past=all_, at=at)
    shown = shown if all_ else [each for each in shown if not each.problem]
    show_listing(list_rows(shown), as_json_text=json)
    say(f"{count_of(len(shown), 'approval')}, {sum(not each.problem for each in shown)} counting.")
    say_instant(at)
    for line in describe_waiting(list_waiting(home, name)) if at is None else ():
        say(line)
    return ExitCode.OK
