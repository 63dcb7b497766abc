"""`patchdeck reports make`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.reports.kinds import ReportFormat
from ops.cli.report_options import Groups, Kind, Scope, Targets, targets_of
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_text
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from fleet.reports.report import Report


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("make")(make)


def make(
    context: typer.Context,
    kind: Kind,
    target: Targets = None,
    group: Groups = None,
    scope: Scope = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME",
            help="Of this earlier time: 2026-11-20T12:00Z, yesterday, '3 days ago', run:ID. Default: now.",
        ),
    ] = None,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="What the present is taken for, as in patchdeck query.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Of a period: where it begins. Default: 30 or 90 days.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="TIME", help="Of a period: where it ends. Default: now.")
    ] = None,
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="Change record of this run: its id, or a deployment's last run.")
    ] = "",
    format_: Annotated[
        ReportFormat | None,
        typer.Option("--format", help="Default: by the name of the file, else md.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file, or into this folder.")
    ] = None,
    section: Annotated[
        str, typer.Option("--section", metavar="TABLE", help="As CSV: this table. Default: that of the detail.")
    ] = "",
    json: JsonOption = False,
) -> ExitCode:
    """Make a report now.

    Its figures are those of queries, which are printed with it. What is not known is said, and is never compliant.

    Example: patchdeck reports make compliance --group prod -o compliance.html
    """
    from fleet.reports.request import ReportRequest
    from ops.cli.query_run import parse_moment
    from ops.instants import find_instant
    from ops.reports.making import make_report
    from ops.state.audit import utc_now

    session = session_of(context)
    request = ReportRequest(
        kind,
        targets_of(target, group),
        in_scope=scope,
        as_of=find_instant(session.home(), as_of, utc_now()) if as_of is not None else None,
        since=parse_moment(since) if since is not None else None,
        until=parse_moment(until) if until is not None else None,
        run=run,
    )
    chosen = _format(format_, output)
    _check_section(request.kind, chosen, section)
    moment = parse_moment(now) if now is not None else None
    report = make_report(session.home(), session.settings(), request, moment)
    _give(report, chosen, output, section, json=json)
    return ExitCode.OK


def _format(given: ReportFormat | None, output: Path | None) -> ReportFormat:
    from fleet.reports.kinds import format_of_file

    if given is not None:
        return given
    if output is None:
        return ReportFormat.MARKDOWN
    return ReportFormat.HTML if output.is_dir() else format_of_file(output.name)


def _check_section(kind: Kind, chosen: ReportFormat, section: str) -> None:
    from fleet.errors import BadInput, UnknownName
    from fleet.reports.sections import section_keys

    if section and chosen is not ReportFormat.CSV:
        raise BadInput(f"--section chooses a table of CSV; as {chosen} the report is whole.")
    if section and section not in section_keys(kind):
        raise UnknownName("table", section, section_keys(kind))


def _give(report: "Report", chosen: ReportFormat, output: Path | None, section: str, *, json: bool) -> None:

    from fleet.reports.contents import notes_of
    from ops.cli.listing import write_json
    from ops.reports.writing import report_objects, report_text, write_report

    if output is not None:
        for path in write_report(report, chosen, output, section):
            say(f"{path} is written.")
    if json:
        write_json(report_objects(report))
    elif output is None:
        show_text(report_text(report, chosen, section))
    if output is not None or chosen is ReportFormat.CSV:
        for sentence in (*report.summary, *notes_of(report)):
            say(sentence)
