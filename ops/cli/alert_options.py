"""The options that define an alert rule; the verbs `alerts add` and `alerts edit` have them in common."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Annotated, Any, cast

import typer

from fleet.errors import BadInput
from ops.exit_codes import ExitCode

_Texts = list[str] | None
_Text = str | None
_SEVERAL = "; may be given several times."

RuleName = Annotated[str, typer.Argument(metavar="NAME", help="The rule's name.", show_default=False)]


def _several(option: str, metavar: str, what: str) -> Any:  # Any: what typer calls an OptionInfo
    return typer.Option(option, metavar=metavar, help=f"{what}{_SEVERAL}")


@dataclass(frozen=True, slots=True)
class RuleOptions:
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

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the fields that were given."""
        return tuple(field.name for field in fields(self) if getattr(self, field.name) is not None)


def option_of(field_name: str) -> str:
    """The option that fills the field: ``--by``, ``--resolve-after``."""
    annotation: Any = RuleOptions.__annotations__[field_name]  # Any: typer's OptionInfo has no public type
    option: str = annotation.__metadata__[0].default.partition("/")[0]
    return option


@contextmanager
def naming(field_name: str) -> Iterator[None]:
    """Errors in what is done inside begin with the option of the field."""
    try:
        yield
    except BadInput as error:
        raise BadInput(f"{option_of(field_name)}: {error}") from error


def takes_rule(verb: Callable[..., ExitCode]) -> Callable[..., ExitCode]:
    """Gives ``verb``, whose last parameter is ``**given``, the options of `RuleOptions`."""
    own = inspect.signature(verb)
    parameters = [each for each in own.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
    options = [
        inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=field.type)
        for field in fields(RuleOptions)
    ]
    # Any: the type of a function does not know that it may have a signature that is not its own.
    cast("Any", verb).__signature__ = own.replace(parameters=[*parameters, *options])
    return verb
