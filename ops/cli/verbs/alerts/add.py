"""`patchdeck alerts add`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.alert_options import RuleOptions
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.alerts.rule import AlertRule


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("add")(add)


@RuleOptions.taken_by
def add(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The rule's name; by default the starter's.", show_default=False),
    ] = None,
    starter: Annotated[
        str | None, typer.Option("--starter", metavar="NAME", help="Begin with this rule: see alerts starter.")
    ] = None,
    replaces: Annotated[bool, typer.Option("--replace", help="In the place of one of that name.")] = False,
    json: JsonOption = False,
    **given: object,
) -> ExitCode:
    """Define a rule: over runs with --count, over a saved query with --query, or from the starter set.

    It is on at once. The same definition again changes nothing.

    Examples:

    `patchdeck alerts add --starter security-overdue --channel ops`

    `patchdeck alerts add failures --count deployment-runs --status Failed --window 1h --by deployment --channel ops`

    `patchdeck alerts add old --query security-missing-long --param days=60 --by Computer --when '> 5' --repeat 1d`
    """
    from ops.alerts.book import count_open, define_rule, find_rule
    from ops.cli.alert_flags import apply_flags
    from ops.cli.alert_listing import list_alert_rules
    from ops.cli.alert_page import describe_defined
    from ops.cli.listing import show_listing

    options = RuleOptions(**given)  # type: ignore[arg-type]  # typer read each by its field's type
    rule = apply_flags(_begin(name, starter, options), options)
    home = session_of(context).home()
    is_changed = define_rule(home, rule, replaces=replaces)
    rule = find_rule(home, rule.name)
    for line in describe_defined(rule, "is defined" if is_changed else "is so already"):
        say(line)
    if json:
        show_listing(list_alert_rules([rule], count_open(home)), as_json_text=True)
    return ExitCode.OK


def _begin(name: str | None, starter: str | None, options: RuleOptions) -> "AlertRule":
    """The rule before what was given changes it."""
    from fleet.alerts.rule import AlertRule, RuleKind
    from fleet.errors import BadInput
    from ops.alerts.evaluating import new_id
    from ops.alerts.starter import find_starter

    if starter is not None:
        rule = find_starter(starter)
        return replace(rule, id=new_id(), name=name or rule.name, is_enabled=True)
    if name is None:
        raise BadInput("Give the rule a name, or take one of the starter set with --starter.")
    if options.count is None and options.query is None:
        raise BadInput("Say what it looks at: --count deployment-runs, --count machine-runs or --query QUERY.")
    return AlertRule(new_id(), name, RuleKind.QUERY)
