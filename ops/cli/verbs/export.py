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
    format_: Annotated[ExportFormat, typer.Option("--format", help="One file for each table.")] = ExportFormat.PARQUET,
    json: JsonOption = False,
) -> ExitCode:
    """Write whole tables to files.

    Each is there whole or not at all; files of the same name are replaced.
    """
    from ops.cli.export_run import choose_tables, export_tables
    from ops.cli.listing import show_listing

    folder = Path(names[-1])
    tables = choose_tables(names[:-1], all_tables=all_tables)
    session = session_of(context)
    written = export_tables(session.home(), session.settings(), tables, folder, Format(format_.value))
    show_listing(written, as_json_text=json)
    return ExitCode.OK
