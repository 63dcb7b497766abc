"""`patchdeck reports schedule`: reports that the service makes and sends."""

from dataclasses import replace as with_changes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.reports.kinds import ReportFormat
from ops.cli.groups import new_group
from ops.cli.report_options import Groups, Kind, Name, Scope, Targets, targets_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.reports.schedule import StoredReportSchedule

_Rule = Annotated[
    str | None,
    typer.Option(
        "--rule", metavar="RRULE", help="When, as RFC 5545 has it: FREQ=MONTHLY;BYMONTHDAY=1", show_default=False
    ),
]
_First = Annotated[
    str | None,
    typer.Option("--first", metavar="'YYYY-MM-DD HH:MM'", help="First day and time of day.", show_default=False),
]
_Zone = Annotated[
    str | None, typer.Option("--zone", metavar="ZONE", help="IANA time zone: Europe/Berlin", show_default=False)
]
_Formats = Annotated[
    list[ReportFormat] | None, typer.Option("--format", help="How it is written; several times. Default: html.")
]
_Channels = Annotated[
    list[str] | None, typer.Option("--channel", metavar="CHANNEL", help="Who gets it; several times. Empty: nobody.")
]
_Folder = Annotated[
    str | None, typer.Option("--folder", metavar="FOLDER", help="Where its files are laid. Empty: nowhere.")
]
_Days = Annotated[
    int | None, typer.Option("--days", metavar="N", min=0, help="Length of its period. Default: 30 or 90 days.")
]
_Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What it is for.")]
_Enabled = Annotated[bool | None, typer.Option("--enabled/--disabled", help="Disabled: it is not made.")]


def add_to(group: typer.Typer) -> None:
    """Adds the group with its verbs."""
    schedule = new_group("Reports that the service makes from time to time, and sends.")
    for name, verb in (("add", add), ("list", list_), ("edit", edit), ("remove", remove)):
        schedule.command(name)(verb)
    group.add_typer(schedule, name="schedule")


def add(
    context: typer.Context,
    name: Name,
    kind: Kind,
    rule: _Rule = None,
    first: _First = None,
    zone: _Zone = None,
    target: Targets = None,
    group: Groups = None,
    scope: Scope = False,
    days: _Days = None,
    format_: _Formats = None,
    channel: _Channels = None,
    folder: _Folder = None,
    description: _Description = None,
    enabled: _Enabled = None,
    json: JsonOption = False,
) -> ExitCode:
    """Have a report made from time to time: sent to channels, laid into a folder, or both.

    Example: patchdeck reports schedule add monthly compliance --rule 'FREQ=MONTHLY;BYMONTHDAY=1' --first '2026-12-01
    06:00' --zone UTC --folder /srv/reports
    """
    from uuid import uuid4

    from fleet.reports.schedule import ReportSchedule
    from ops.cli.report_schedule_flags import new_schedule
    from ops.reports.schedules import add_report_schedule
    from ops.state.audit import utc_now

    home, now = session_of(context).home(), utc_now()
    report = ReportSchedule(
        id=str(uuid4()),
        name=name,
        kind=kind,
        schedule=new_schedule(rule, first, zone, now),
        formats=tuple(dict.fromkeys(format_ or (ReportFormat.HTML,))),
        targets=targets_of(target, group),
        in_scope=scope,
        days=days or 0,
        channels=tuple(filter(None, channel or ())),
        folder=_whole(folder),
        is_enabled=enabled is not False,
        description=description or "",
    )
    return _tell(add_report_schedule(home, report, now), "is scheduled", json=json)


def edit(
    context: typer.Context,
    name: Name,
    rule: _Rule = None,
    first: _First = None,
    zone: _Zone = None,
    target: Targets = None,
    group: Groups = None,
    scope: Annotated[bool | None, typer.Option("--scope/--no-scope", help="Only of machines inside the scope.")] = None,
    days: _Days = None,
    format_: _Formats = None,
    channel: _Channels = None,
    folder: _Folder = None,
    description: _Description = None,
    enabled: _Enabled = None,
    json: JsonOption = False,
) -> ExitCode:
    """Change what is given of a scheduled report; the rest stays. An empty text takes away what was there.

    Example: patchdeck reports schedule edit monthly --channel ops-mail
    """
    from ops.cli.report_schedule_flags import changed_schedule
    from ops.reports.schedules import change_report_schedule, find_report_schedule
    from ops.state.audit import utc_now

    home = session_of(context).home()
    before = find_report_schedule(home, name).schedule
    has_targets = target is not None or group is not None
    report = with_changes(
        before,
        schedule=changed_schedule(before.schedule, rule, first, zone, utc_now()),
        formats=tuple(dict.fromkeys(format_)) if format_ else before.formats,
        targets=targets_of(target, group, may_clear=True) if has_targets else before.targets,
        in_scope=before.in_scope if scope is None else scope,
        days=before.days if days is None else days,
        channels=before.channels if channel is None else tuple(filter(None, channel)),
        folder=before.folder if folder is None else _whole(folder),
        is_enabled=before.is_enabled if enabled is None else enabled,
        description=before.description if description is None else description,
    )
    word = "is so already" if report == before else "is changed"
    return _tell(change_report_schedule(home, report), word, json=json)


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the scheduled reports: when each is made next, for whom, and what became of the last one.

    Example: patchdeck reports schedule list
    """
    from ops.cli.listing import show_listing
    from ops.cli.report_schedule_listing import list_schedules
    from ops.reports.schedules import list_report_schedules
    from ops.state.audit import utc_now

    known = list_report_schedules(session_of(context).home())
    show_listing(list_schedules(known, utc_now()), as_json_text=json)
    if not known:
        say("No report is scheduled: patchdeck reports schedule add --help")
    for stored in known:
        if stored.error:
            say(f"{stored.name} was not made the last time: {stored.error}")
    return ExitCode.OK


def remove(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Make a report no more; what was made stays.

    Example: patchdeck reports schedule remove monthly
    """
    from ops.reports.schedules import remove_report_schedule

    return _tell(remove_report_schedule(session_of(context).home(), name), "is not made any more", json=json)


def _whole(folder: str | None) -> str:
    return str(Path(folder).expanduser().absolute()) if folder else ""


def _tell(stored: "StoredReportSchedule", what: str, *, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.report_schedule_listing import list_schedules
    from ops.state.audit import utc_now

    say(f"Report {stored.name} {what}.")
    show_listing(list_schedules([stored], utc_now()), as_json_text=json)
    return ExitCode.OK
