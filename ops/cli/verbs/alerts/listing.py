"""`patchdeck alerts list` and `show`."""

import typer

from ops.cli.alert_options import RuleName
from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("list")(list_)
    app.command("show")(show)


def list_(context: typer.Context, as_of: AsOfOption = None, json: JsonOption = False) -> ExitCode:
    """List the rules, with how many alerts of each are open now."""
    from collections import Counter

    from ops.alerts.book import count_open, list_rules
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.listing import show_listing
    from ops.past.alerts import alerts_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if at is None:
        rules, counts = list_rules(home), count_open(home)
    else:
        then = alerts_at(home, at)
        rules, counts = [*then.rules.values()], Counter(each.rule.id for each in then.alerts)
    show_listing(list_alert_rules(rules, counts), as_json_text=json)
    say_instant(at)
    if not rules and at is not None:
        say("There was no rule then.")
    elif not rules:
        say("There is no rule: patchdeck alerts starter lists some to begin with.")
    return ExitCode.OK


def show(context: typer.Context, name: RuleName, as_of: AsOfOption = None, json: JsonOption = False) -> ExitCode:
    """Show a rule: all that is set, and how many of its alerts are open."""
    from collections import Counter

    from ops.alerts.book import count_open, find_rule
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.alert_page import rule_lines
    from ops.cli.listing import show_listing
    from ops.past.alerts import alerts_at, find_rule_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if at is None:
        rule, counts = find_rule(home, name), count_open(home)
    else:
        then = alerts_at(home, at)
        rule, counts = find_rule_at(then, name), Counter(each.rule.id for each in then.alerts)
    say_instant(at)
    if json:
        show_listing(list_alert_rules([rule], counts), as_json_text=True)
    else:
        show_lines(rule_lines(rule, counts.get(rule.id, 0)))
    return ExitCode.OK
