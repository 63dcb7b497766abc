"""`patchdeck machines list`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("list")(list_)


def list_(
    context: typer.Context,
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TARGET", help="Names, globs, tag:key=value, os:linux. Default: all.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List machines and what is known of them.

    Compliance, missing updates, age of the last answer, what failed. A compliance of stale, unreachable, unknown or
    not-assessed is never compliant.
    """
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import describe_coverage, list_statuses
    from ops.state.audit import utc_now
    from ops.statuses import statuses_of

    statuses = statuses_of(session_of(context).home(), targets or ["all"])
    now = utc_now()
    show_listing(list_statuses(statuses, now), as_json_text=json)
    say(describe_coverage(statuses, now))
    return ExitCode.OK
