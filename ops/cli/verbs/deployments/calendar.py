"""`patchdeck deployments calendar`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_as_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

_DAYS = 31


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("calendar")(calendar)


def calendar(
    context: typer.Context,
    days: Annotated[
        int | None, typer.Option("--days", metavar="N", min=1, max=366, help=f"How many days from now on.  [{_DAYS}]")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="This month instead, in UTC.")] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show when all deployments and scheduled reports start next.

    In UTC and in each schedule's zone, with what a change of clocks moved, what blackouts skip, and which windows are
    open at the same time on the same machine.
    """
    from fleet.errors import BadInput
    from ops.cli.calendar_listing import list_calendar, span_of_days, span_of_month
    from ops.cli.listing import show_listing
    from ops.deployments.start_calendar import calendar_of
    from ops.state.audit import utc_now

    if days is not None and month is not None:
        raise BadInput("--days and --month say both how far: give one of them.")
    home = session_of(context).home()
    at = read_as_of(home, as_of)
    now = at or utc_now()
    span = span_of_days(now, days or _DAYS) if month is None else span_of_month(now, month)
    found = calendar_of(home, *span, at=at)
    show_listing(list_calendar(found), as_json_text=json)
    for problem in found.problems:
        say(f"patchdeck: {problem}")
    if not found.starts:
        say("Nothing starts by a schedule in that time.")
    say_as_of(home, at)
    return ExitCode.OK
