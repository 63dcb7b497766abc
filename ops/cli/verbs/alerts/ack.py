"""`patchdeck alerts ack`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("ack")(ack)


def ack(
    context: typer.Context,
    wanted: Annotated[
        str, typer.Argument(metavar="NAME|ID", help="A rule, or an alert by its id.", show_default=False)
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What you do about it.")] = "",
    about: Annotated[
        str | None, typer.Option("--about", metavar="KEY", help="Of the rule only the alert about this.")
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Take open alerts upon you: nobody is told of them again until they get worse or are resolved.

    Without --about all open alerts of the rule. It is written into the audit with your name and the note.

    Example: `patchdeck alerts ack disk-low --about web-01 --note 'log rotation is mended, see OPS-12'`
    """
    from ops.alerts.book import acknowledge
    from ops.cli.alert_listing import list_open_alerts
    from ops.cli.listing import show_listing
    from ops.cli.values import count_of
    from ops.state.audit import utc_now

    alerts = acknowledge(session_of(context).home(), wanted, note, about)
    say(f"{count_of(len(alerts), 'alert')} acknowledged." if alerts else "Nothing changed: there is none to take.")
    if json:
        show_listing(list_open_alerts(alerts, utc_now()), as_json_text=True)
    return ExitCode.OK
