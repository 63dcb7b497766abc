"""`patchdeck alerts enable` and `disable`."""

import typer

from ops.cli.alert_options import RuleName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("enable")(enable)
    app.command("disable")(disable)


def enable(context: typer.Context, name: RuleName, json: JsonOption = False) -> ExitCode:
    """Switch a rule on; one of the starter set that is not there yet is added."""
    return _switch(context, name, json, enabled=True)


def disable(context: typer.Context, name: RuleName, json: JsonOption = False) -> ExitCode:
    """Switch a rule off: it stays defined, its open alerts end, and who was told of them is told of that."""
    return _switch(context, name, json, enabled=False)


def _switch(context: typer.Context, name: str, json: bool, *, enabled: bool) -> ExitCode:
    from ops.alerts.book import count_open, enable_rule
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.alert_page import describe_defined
    from ops.cli.listing import show_listing

    home = session_of(context).home()
    rule, is_changed = enable_rule(home, name, enabled=enabled)
    word = "enabled" if enabled else "disabled"
    for line in describe_defined(rule, f"is {word} now" if is_changed else f"is {word} already"):
        say(line)
    if json:
        show_listing(list_alert_rules([rule], count_open(home)), as_json_text=True)
    return ExitCode.OK
