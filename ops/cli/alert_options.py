"""The options that define an alert rule; the verbs `alerts add` and `alerts edit` have them in common."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ops.cli.option_sets import OptionSet

_Texts = list[str] | None
_Text = str | None
_SEVERAL = "; may be given several times."

RuleName = Annotated[str, typer.Argument(metavar="NAME", help="The rule's name.", show_default=False)]


def _several(option: str, metavar: str, what: str) -> Any:  # Any: what typer calls an OptionInfo
    return typer.Option(option, metavar=metavar, help=f"{what}{_SEVERAL}")


@dataclass(frozen=True, slots=True)
class RuleOptions(OptionSet):
    """What was given, None where nothing was. Each field is an option; `ops.cli.alert_flags` says what it sets."""

    count: Annotated[
        _Text, typer.Option("--count", metavar="deployment-runs|machine-runs", help="Count runs that have ended.")
    ] = None
    query: Annotated[_Text, typer.Option("--query", metavar="QUERY", help="Measure the rows of this saved query.")] = (
        None
    )
    when: Annotated[
        _Text, typer.Option("--when", metavar="'> 10'", help="It fires at: >, >=, <, <= or =. Default: '> 0'.")
    ] = None
    window: Annotated[_Text, typer.Option("--window", metavar="SPAN", help="How far back is counted: 1h, 7d.")] = None
    by: Annotated[_Texts, _several("--by", "COLUMN", "An alert of its own for each value of this column")] = None
    deployment: Annotated[_Text, typer.Option("--deployment", metavar="MASK", help="Runs of these deployments.")] = None
    status: Annotated[
        _Texts, _several("--status", "STATUS", "Runs that ended so: Failed, Succeeded, Unreachable …")
    ] = None
    machine: Annotated[_Text, typer.Option("--machine", metavar="MASK", help="Runs of these machines.")] = None
    run: Annotated[_Text, typer.Option("--run", metavar="MASK", help="Machine runs of this run.")] = None
    parameters: Annotated[_Texts, _several("--param", "NAME=VALUE", "A parameter of the query")] = None
    measure: Annotated[
        _Text, typer.Option("--measure", metavar="rows|COLUMN", help="What is measured. Default: the number of rows.")
    ] = None
    aggregate: Annotated[
        _Text,
        typer.Option(
            "--aggregate", metavar="HOW", help="Of many values: worst (the default), total, average, minimum, maximum."
        ),
    ] = None
    time_column: Annotated[
        _Text, typer.Option("--time-column", metavar="COLUMN", help="With --window: the rows' time.")
    ] = None
    severity: Annotated[
        _Text, typer.Option("--severity", metavar="SEVERITY", help="Critical, Error, Warning or Informational.")
    ] = None
    channels: Annotated[_Texts, _several("--channel", "CHANNEL", "Who is told")] = None
    repeat: Annotated[
        _Text, typer.Option("--repeat", metavar="SPAN", help="Told again so often while it is open. 0: never.")
    ] = None
    group: Annotated[
        _Text, typer.Option("--group", metavar="SPAN", help="What happens within so long is told together.")
    ] = None
    evaluations: Annotated[
        int | None,
        typer.Option("--evaluations", metavar="N", min=1, help="Opens once so many in a row, a minute apart, find it."),
    ] = None
    resolve_after: Annotated[
        _Text, typer.Option("--resolve-after", metavar="SPAN", help="Resolved once it was not found for so long.")
    ] = None
    quiet: Annotated[
        _Texts, _several("--quiet", "'DAYS HH:MM-HH:MM'", "Told only afterwards: 22:00-06:00, 'Sat,Sun 00:00-24:00'")
    ] = None
    zone: Annotated[
        _Text, typer.Option("--zone", "--time-zone", metavar="ZONE", help="IANA time zone of quiet hours.")
    ] = None
    break_quiet: Annotated[
        bool | None, typer.Option("--break-quiet/--keep-quiet", help="A critical rule is told in quiet hours too.")
    ] = None
    description: Annotated[_Text, typer.Option("--description", metavar="TEXT", help="Why it matters, what to do.")] = (
        None
    )
    disabled: Annotated[
        bool | None, typer.Option("--disabled/--enabled", help="Disabled: kept, and not evaluated.")
    ] = None
