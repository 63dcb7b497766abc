"""`patchdeck export`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.formats import Format
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


class ExportFormat(StrEnum):
    """Formats that whole tables are exported in."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"
    ARROW = "arrow"
    XLSX = "xlsx"


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("export")(export)


def export(
    context: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(metavar="TABLE... DIR", help="The tables, and last the folder to write to.", show_default=False),
    ],
    all_tables: Annotated[bool, typer.Option("--all", help="Every table; give the folder only.")] = False,
    format_: Annotated[ExportFormat, typer.Option("--format", help="Of the files.")] = ExportFormat.PARQUET,
    partition: Annotated[
        list[str] | None,
        typer.Option(
            "--partition",
            metavar="day|month|COLUMN",
            help="Files in folders by its values, as Hive has them; several times. For parquet and arrow.",
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="Only rows from then on, by TimeGenerated.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Only rows from before then.")] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Write whole tables to files.

    The folder changes when all of them are written, or not at all; tables exported there before are replaced.
    """
    from ops.cli.export_run import ExportRequest, choose_tables, export_tables
    from ops.cli.listing import show_listing
    from ops.cli.query_run import parse_moment

    request = ExportRequest(
        choose_tables(names[:-1], all_tables=all_tables),
        Format(format_.value),
        tuple(partition or ()),
        parse_moment(since) if since is not None else None,
        parse_moment(until) if until is not None else None,
    )
    session = session_of(context)
    written = export_tables(session.home(), session.settings(), request, Path(names[-1]))
    show_listing(written, as_json_text=json)
    return ExitCode.OK
