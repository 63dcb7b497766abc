"""`patchdeck reports list`."""

import typer

from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("list")(list_)


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the reports that there are, with their tables; those that are scheduled: reports schedule list.

    Example: patchdeck reports list
    """
    from fleet.reports.kinds import ReportKind
    from fleet.reports.sections import MAIN_SECTIONS, section_keys
    from ops.cli.listing import Column, Listing, show_listing

    session_of(context)
    columns = (Column("report", "Report"), Column("of", "Of"), Column("meaning", "What it answers"))
    more = (Column("sections", "Tables", is_extra=True), Column("main_section"))
    rows = [
        (
            kind.value,
            "a period" if kind.takes_period else "an instant",
            kind.meaning,
            ", ".join(section_keys(kind)),
            MAIN_SECTIONS[kind],
        )
        for kind in ReportKind
    ]
    show_listing(Listing((*columns, *more), rows), as_json_text=json)
    return ExitCode.OK
