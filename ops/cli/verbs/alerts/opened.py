"""`patchdeck alerts open`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("open")(open_)


def open_(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Of this rule only.", show_default=False)] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """List what is open now, the gravest first.

    The background service evaluates the rules: without it nothing opens and nothing is resolved.

    Example: `patchdeck alerts open security-overdue`
    """
    from ops.alerts.book import list_open, list_rules
    from ops.cli.alert_listing import list_open_alerts
    from ops.cli.listing import show_listing
    from ops.cli.values import count_of
    from ops.past.alerts import list_open_at
    from ops.state.audit import utc_now

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    alerts = list_open(home, name) if at is None else list_open_at(home, at, name)
    show_listing(list_open_alerts(alerts, at or utc_now()), as_json_text=json)
    say_instant(at)
    rules = [rule for rule in list_rules(home) if rule.is_enabled]
    if alerts:
        say(f"{count_of(len(alerts), 'alert')} open of {count_of(len({each.rule.id for each in alerts}), 'rule')}.")
    elif at is not None:
        say("Nothing was open then.")
    elif rules:
        say(f"Nothing is open: {count_of(len(rules), 'rule')} on.")
    else:
        say("No rule is on: patchdeck alerts starter lists some to begin with.")
    return ExitCode.OK
