"""`patchdeck queries`: the library of predefined and saved queries."""

import sys
from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The predefined and the saved queries.")
    group.command("list")(list_)
    group.command("show")(show)
    app.add_typer(group, name="queries")


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the queries that `query --name` knows."""
    from ops.cli.listing import show_listing
    from ops.cli.query_listing import list_queries
    from ops.questions import saved_queries

    show_listing(list_queries(saved_queries(session_of(context).home())), as_json_text=json)
    return ExitCode.OK


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The query's name.", show_default=False)],
    json: JsonOption = False,
) -> ExitCode:
    """Show one query: what it answers, its parameters, its columns, its SQL."""
    from ops.cli.listing import show_listing
    from ops.cli.query_listing import list_in_full, query_lines
    from ops.questions import find_query

    saved = find_query(session_of(context).home(), name)
    if json:
        show_listing(list_in_full(saved), as_json_text=True)
    else:
        sys.stdout.writelines(f"{line}\n" for line in query_lines(saved))
    return ExitCode.OK
