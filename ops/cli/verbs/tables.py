"""`patchdeck tables`: what is stored."""

from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The record tables.")
    group.command("list")(list_)
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
