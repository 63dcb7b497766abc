"""`patchdeck alerts history`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("history")(history)


def history(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Of this rule only, also one that was removed.", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help="At most so many; 0: all.")] = 100,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List what became of alerts, the newest first: opened, repeated, acknowledged, resolved.

    The table Alert holds the same, for queries.
    """
    from ops.alerts.book import list_events
    from ops.cli.alert_listing import list_alert_events
    from ops.cli.listing import show_listing
    from ops.past.alerts import list_events_at

    home = session_of(context).home()
    at, most = read_as_of(home, as_of), limit + 1 if limit else None
    events = list_events(home, name, most) if at is None else list_events_at(home, at, name, most)
    shown = events[:limit] if limit else events
    show_listing(list_alert_events(shown), as_json_text=json)
    say_instant(at)
    if not events:
        say("Nothing has happened yet." if at is None else "Nothing had happened by then.")
    elif len(events) > len(shown):
        say(f"There are more than these {limit}: see --limit, or the table Alert.")
    return ExitCode.OK
