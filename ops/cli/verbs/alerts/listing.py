"""`patchdeck alerts list` and `show`."""

import typer

from ops.cli.alert_options import RuleName
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("list")(list_)
    app.command("show")(show)


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the rules, with how many alerts of each are open now."""
    from ops.alerts.book import count_open, list_rules
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.listing import show_listing

    home = session_of(context).home()
    rules = list_rules(home)
    show_listing(list_alert_rules(rules, count_open(home)), as_json_text=json)
    if not rules:
        say("There is no rule: patchdeck alerts starter lists some to begin with.")
    return ExitCode.OK


def show(context: typer.Context, name: RuleName, json: JsonOption = False) -> ExitCode:
    """Show a rule: all that is set, and how many of its alerts are open."""
    import sys

    from ops.alerts.book import count_open, find_rule
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.alert_page import rule_lines
    from ops.cli.listing import show_listing

    home = session_of(context).home()
    rule, counts = find_rule(home, name), count_open(home)
    if json:
        show_listing(list_alert_rules([rule], counts), as_json_text=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in rule_lines(rule, counts.get(rule.id, 0)))
    return ExitCode.OK
