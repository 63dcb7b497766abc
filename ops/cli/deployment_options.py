"""The options that define a deployment; the verbs `add` and `edit` have them in common."""

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from ops.cli.option_sets import OptionSet

_Texts = list[str] | None
_Text = str | None
_SEVERAL = "; may be given several times."

Name = Annotated[str, typer.Argument(metavar="NAME", help="The deployment's name.", show_default=False)]


def _several(option: str, metavar: str, what: str) -> Any:  # Any: what typer calls an OptionInfo
    return typer.Option(option, metavar=metavar, help=f"{what}{_SEVERAL}")


def _minutes(option: str, what: str) -> Any:  # Any: as above
    return typer.Option(option, metavar="MINUTES", min=0, help=what)


@dataclass(frozen=True, slots=True)
class DefinitionOptions(OptionSet):
    """What was given, None where nothing was. Each field is an option; `ops.cli.deployment_flags` says what it sets."""

    targets: Annotated[_Texts, _several("--target", "TARGET", "Machines: a name, glob, tag:key=value, os:linux")] = None
    classes: Annotated[
        _Texts,
        _several("--class", "CLASS", "Install security, critical, others, all; Windows: drivers, upgrades"),
    ] = None
    include: Annotated[_Texts, _several("--include", "MASK", "Install these too: NAME or NAME=VERSION, with *")] = None
    exclude: Annotated[_Texts, _several("--exclude", "MASK", "Never install these; beats everything")] = None
    exclusions: Annotated[
        _Texts, _several("--exclusion", "'MASK; REASON; UNTIL; BY'", "Leave out until a day (YYYY-MM-DD, or empty)")
    ] = None
    minimum_age: Annotated[
        int | None,
        typer.Option("--minimum-age", metavar="DAYS", min=0, help="Only versions that this fleet saw so long ago."),
    ] = None
    new_packages: Annotated[
        bool | None, typer.Option("--new-packages/--no-new-packages", help="May install packages that are not there.")
    ] = None
    removals: Annotated[bool | None, typer.Option("--removals/--no-removals", help="May remove packages.")] = None
    optional: Annotated[
        bool | None, typer.Option("--optional/--no-optional", help="Windows: optional updates (previews) too.")
    ] = None
    licences: Annotated[
        bool | None,
        typer.Option("--accept-licences/--no-accept-licences", help="Windows: accepts the licences of updates."),
    ] = None
    rounds: Annotated[
        int | None,
        typer.Option("--rounds", metavar="N", min=1, max=10, help="Installs up to N times, while more is offered."),
    ] = None
    once: Annotated[_Text, typer.Option("--once", metavar="'YYYY-MM-DD HH:MM'", help="Starts once.")] = None
    rule: Annotated[
        _Text, typer.Option("--rule", metavar="RRULE", help="Starts by an RFC 5545 rule: 'FREQ=MONTHLY;BYDAY=2TU'.")
    ] = None
    first: Annotated[
        _Text, typer.Option("--first", metavar="'YYYY-MM-DD HH:MM'", help="With --rule: first day and time of day.")
    ] = None
    zone: Annotated[
        _Text, typer.Option("--zone", "--time-zone", metavar="ZONE", help="IANA time zone of all times: Europe/Berlin.")
    ] = None
    offset_days: Annotated[
        int | None, typer.Option("--offset-days", metavar="N", help="Moves every start by days: second Tuesday + 3.")
    ] = None
    last_day: Annotated[_Text, typer.Option("--last-day", metavar="YYYY-MM-DD", help="No start after this day.")] = None
    blackouts: Annotated[
        _Text, typer.Option("--blackouts", metavar="FILE", help="iCalendar file; nothing starts during its events.")
    ] = None
    missed: Annotated[
        _Text, typer.Option("--missed", metavar="skip|HOURS", help="Missed starts: skip, or start up to HOURS late.")
    ] = None
    window: Annotated[
        int | None, typer.Option("--window", metavar="MINUTES", min=1, help="How long it may work. Default: 120.")
    ] = None
    stop_starting: Annotated[
        int | None, _minutes("--stop-starting", "No installation starts so long before the window's end.")
    ] = None
    stop_rebooting: Annotated[
        int | None, _minutes("--stop-rebooting", "No reboot starts so long before the window's end.")
    ] = None
    hard_stop: Annotated[
        bool | None, typer.Option("--hard-stop/--no-hard-stop", help="End what still runs at the window's end.")
    ] = None
    reboot: Annotated[
        _Text, typer.Option("--reboot", metavar="POLICY", help="if-required, always, never or only (installs nothing).")
    ] = None
    reboot_at: Annotated[
        _Text, typer.Option("--reboot-at", metavar="HH:MM", help="Reboot at this time of day. Default: at once.")
    ] = None
    reboot_notice: Annotated[
        int | None, _minutes("--reboot-notice", "Tell logged-in users so long before a reboot.")
    ] = None
    reboot_message: Annotated[_Text, typer.Option("--reboot-message", metavar="TEXT", help="What they are told.")] = (
        None
    )
    reboot_return: Annotated[
        int | None,
        typer.Option("--reboot-return", metavar="MINUTES", min=1, help="How long it may take to come back."),
    ] = None
    pre_scripts: Annotated[
        _Texts,
        _several(
            "--pre-script",
            "'WHERE PATH [KEY=VALUE]'",
            "Before: on console or machine; ends with --timeout SECONDS, --on-failure stop|continue",
        ),
    ] = None
    post_scripts: Annotated[
        _Texts, _several("--post-script", "'WHERE PATH [KEY=VALUE]'", "After installing and rebooting; as --pre-script")
    ] = None
    waves: Annotated[
        _Texts, _several("--wave", "WAVE", "In this order: a TARGET, a number, a percentage (25%), rest")
    ] = None
    gate_success: Annotated[
        float | None,
        typer.Option("--gate-success", metavar="PERCENT", min=0, max=100, help="A next wave needs so many succeeded."),
    ] = None
    gate_units: Annotated[
        bool | None, typer.Option("--gate-units/--no-gate-units", help="A next wave needs no unit newly failed.")
    ] = None
    gate_command: Annotated[
        _Text, typer.Option("--gate-command", metavar="COMMAND", help="A next wave needs it to end with 0 there.")
    ] = None
    gate_ports: Annotated[
        list[int] | None,
        typer.Option("--gate-port", metavar="PORT", min=1, max=65535, help=f"A next wave needs it open{_SEVERAL}"),
    ] = None
    gate_soak: Annotated[
        float | None,
        typer.Option("--gate-soak", metavar="MINUTES", min=0, max=100_000, help="Wait so long between waves."),
    ] = None
    budget: Annotated[
        _Text, typer.Option("--budget", metavar="N|N%", help="How many machines may fail, unreachable ones included.")
    ] = None
    cluster_tag: Annotated[
        _Text,
        typer.Option("--cluster-tag", metavar="KEY", help="Machines alike in this tag are never in work at once."),
    ] = None
    order_by_tag: Annotated[
        _Text, typer.Option("--order-by-tag", metavar="KEY", help="Machines go by this tag's value. Default: by name.")
    ] = None
    concurrency: Annotated[
        int | None,
        typer.Option("--concurrency", metavar="N", min=1, help="Machines in work at once. Default: the settings'."),
    ] = None
    predownload: Annotated[
        int | None, _minutes("--pre-download", "Download so long before the window opens. Default: 0, it does not.")
    ] = None
    needs_approval: Annotated[
        int | None,
        typer.Option("--needs-approval", metavar="N", min=0, max=20, help="So many others must approve a run's plan."),
    ] = None
    channels: Annotated[
        _Texts, _several("--channel", "CHANNEL", "Tell this channel of its runs' starts and ends; see channels list")
    ] = None
    notice: Annotated[
        float | None,
        typer.Option("--notice", metavar="HOURS", min=0.1, max=744, help="Tell them so long before each start, too."),
    ] = None
    description: Annotated[_Text, typer.Option("--description", metavar="TEXT", help="What it is for.")] = None
    disabled: Annotated[
        bool | None, typer.Option("--disabled/--enabled", help="Disabled: its schedule starts nothing.")
    ] = None
