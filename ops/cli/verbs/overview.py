"""`patchdeck overview`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("overview")(overview)


def overview(
    context: typer.Context,
    trend: Annotated[bool, typer.Option(help="Ask the tables how compliant each of the last 30 days was.")] = True,
    now: Annotated[
        str | None,
        typer.Option("--now", metavar="TIME", help="The moment to judge at, in ISO 8601; UTC if no zone."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="TIME", help="Machines, runs and alerts as they were at that moment."),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show what needs somebody now, and how compliant the fleet is.

    What needs somebody: runs that failed, plans that wait for approval, open alerts, machines that were not assessed or
    miss important updates, reboots. Then compliance by system and by group, and its trend. Ends with 0 whatever there
    is to do; with 2 where config.toml cannot be used, after what can be told without it.
    """
    from ops.cli.listing import show_listing
    from ops.cli.overview_listing import list_overview
    from ops.cli.past_options import before_all, read_as_of
    from ops.cli.query_run import parse_moment
    from ops.cli.terminal import say
    from ops.overview.needs import NeedKind
    from ops.overview.reading import read_overview
    from ops.overview.trend import ask_trend
    from ops.state.audit import utc_now

    home = session_of(context).home()
    past = read_as_of(home, as_of)
    moment = past or (utc_now() if now is None else parse_moment(now))
    found = read_overview(home, moment, past)
    is_usable = not any(each.kind is NeedKind.SETTINGS for each in found.needs)
    days = ask_trend(home, moment, past) if trend and is_usable and not found.is_empty else []
    if past is not None:
        say("Plans that waited, groups and the service of then are not told here.")
        if not_kept := before_all(home, past):
            say(not_kept)
    elif found.is_empty:
        say("No machine is enrolled yet. To begin: patchdeck machines add NAME --address ADDRESS")
    elif not found.needed:
        quiet = f" since {found.quiet_since:%Y-%m-%d %H:%M}Z" if found.quiet_since else ""
        say(f"Nothing needs you{quiet}.")
    show_listing(list_overview(found, days, is_for_programs=json), as_json_text=json)
    return ExitCode.OK if is_usable else ExitCode.USAGE
