"""`patchdeck tables`: what is stored, what is loaded into it, and its upkeep."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


class UnknownColumns(StrEnum):
    """What becomes of columns that a table does not have."""

    REFUSE = "refuse"
    ASIDE = "aside"
    DROP = "drop"


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The record tables.")
    group.command("list")(list_)
    group.command("load")(load)
    app.add_typer(group, name="tables")


def list_(
    context: typer.Context,
    table: Annotated[
        str | None, typer.Argument(metavar="TABLE", help="Show the columns of this table.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List the record tables, or the columns of one.

    Tables with their sizes; columns with their types and meanings.
    """
    from ops.cli.listing import show_listing
    from ops.cli.table_listing import list_columns, list_tables

    home = session_of(context).home()
    show_listing(list_columns(table) if table else list_tables(home), as_json_text=json)
    return ExitCode.OK


def load(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The table that the rows are of.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="NDJSON, a JSON array, CSV or Parquet: by the file's name.")
    ],
    unknown: Annotated[
        UnknownColumns,
        typer.Option("--unknown", help="Columns that the table lacks: refuse, keep aside in a file, or drop."),
    ] = UnknownColumns.REFUSE,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Load the others where rows cannot be taken.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be loaded.")] = False,
    json: JsonOption = False,
) -> ExitCode:
    """Load rows that a Log Analytics workspace exported.

    Rows that are stored already are not taken again; all of a call is loaded in one commit, or nothing.

    Rows of Update go to UpdateHistory.
    """
    from ops.cli.listing import show_listing
    from ops.cli.load_run import load_files
    from ops.store.loading.headings import Unknown
    from ops.store.loading.load import LoadOptions

    session = session_of(context)
    options = LoadOptions(Unknown(unknown.value), skip_bad, dry_run)
    loaded = load_files(session.home(), session.settings(), table, files, options)
    show_listing(loaded, as_json_text=json)
    return ExitCode.OK
