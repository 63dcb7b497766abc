"""`patchdeck machines list`."""

from typing import Annotated

import typer

from fleet.errors import BadInput
from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
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
    retired: Annotated[
        bool, typer.Option("--retired", help="The machines that were retired, in place of those of the fleet.")
    ] = False,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List machines and what is known of them.

    Compliance, missing updates, age of the last answer, what failed. A compliance of stale, unreachable, unknown or
    not-assessed is never compliant.

    Example: `patchdeck machines list tag:env=prod`
    """
    if retired and as_of is not None:
        raise BadInput("--retired lists those that are retired now: it goes without --as-of.")
    if retired:
        return _list_retired(context, targets or [], json)
    from ops.cli.listing import show_listing
    from ops.cli.machine_listing import describe_coverage, list_statuses
    from ops.state.audit import utc_now
    from ops.statuses import statuses_of

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    statuses = statuses_of(home, targets or ["all"], at)
    now = at or utc_now()
    show_listing(list_statuses(statuses, now), as_json_text=json)
    say("No machine was known then." if at and not statuses else describe_coverage(statuses, now))
    say_as_of(home, at)
    return ExitCode.OK


def _list_retired(context: typer.Context, targets: list[str], json: bool) -> ExitCode:
    from fleet.targets import select_machines
    from ops.cli.listing import show_listing
    from ops.cli.retired_listing import list_retired_machines
    from ops.lifecycle import list_retired

    known = list_retired(session_of(context).home())
    named = select_machines(targets or ["all"], [each.machine for each in known])
    chosen = {machine.id for machine in named}
    found = [each for each in known if each.machine.id in chosen]
    show_listing(list_retired_machines(found), as_json_text=json)
    say(f"{len(found)} retired; patchdeck machines restore NAME brings one back." if known else "None is retired.")
    return ExitCode.OK
