"""`patchdeck alerts remove`."""

import typer

from ops.cli.alert_options import RuleName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("remove")(remove)


def remove(context: typer.Context, name: RuleName, json: JsonOption = False) -> ExitCode:
    """Remove a rule and end its open alerts; its history stays."""
    from ops.alerts.book import remove_rule
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.listing import show_listing

    rule = remove_rule(session_of(context).home(), name)
    say(f"Removed the alert rule {rule.name}.")
    if json:
        show_listing(list_alert_rules([rule], {}), as_json_text=True)
    return ExitCode.OK
