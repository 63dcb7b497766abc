"""`patchdeck alerts starter`."""

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("starter")(starter)


def starter(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List rules to begin with; none is on until you choose it.

    Choose one with `patchdeck alerts add --starter NAME --channel CHANNEL`; every other option of add changes it.
    """
    from ops.alerts.book import list_rules
    from ops.alerts.starter import list_starters
    from ops.cli.alert_listing import list_starter_rules
    from ops.cli.listing import show_listing

    chosen = {rule.starter for rule in list_rules(session_of(context).home())}
    show_listing(list_starter_rules(list_starters(), chosen), as_json_text=json)
    say("Choose one: patchdeck alerts add --starter NAME --channel CHANNEL")
    return ExitCode.OK
