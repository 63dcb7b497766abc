"""`patchdeck alerts edit`."""

from dataclasses import replace
from typing import Annotated

import typer

from ops.cli.alert_options import RuleName, RuleOptions
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("edit")(edit)


@RuleOptions.taken_by
def edit(
    context: typer.Context,
    name: RuleName,
    new_name: Annotated[
        str | None, typer.Option("--rename", metavar="NAME", help="Another name; its history stays its own.")
    ] = None,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Change what is given of a rule; the rest stays. A list replaces the old one, and '' clears it.

    Its open alerts stay open until the next evaluation, which goes by the rule as it is then.

    Example: `patchdeck alerts edit not-assessed --param hours=48 --quiet 22:00-06:00 --zone Europe/Berlin`
    """
    from fleet.errors import BadInput
    from ops.alerts.book import change_rule, count_open, find_rule
    from ops.cli.alert_flags import apply_flags
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.alert_page import describe_defined
    from ops.cli.listing import show_listing

    options = RuleOptions(**given)  # type: ignore[arg-type]  # typer read each by its field's type
    if not options.given and new_name is None:
        raise BadInput("Say what is to be another: see alerts edit --help.")
    home = session_of(context).home()
    rule = apply_flags(find_rule(home, name), options)
    rule = replace(rule, name=rule.name if new_name is None else new_name)
    is_changed = change_rule(home, rule)
    rule = find_rule(home, rule.name)
    for line in describe_defined(rule, "is changed" if is_changed else "is so already"):
        say(line)
    if json:
        show_listing(list_alert_rules([rule], count_open(home)), as_json_text=True)
    return ExitCode.OK
