"""`patchdeck queries`: the library of predefined and saved queries."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from query.library import SavedQuery

Name = Annotated[str, typer.Argument(metavar="NAME", help="The query's name.", show_default=False)]
NewName = Annotated[
    str, typer.Argument(metavar="NEW", help="Its new name: letters, digits, - and _.", show_default=False)
]
Replace = Annotated[bool, typer.Option("--replace", help="Take the place of a query of that name.")]
Force = Annotated[bool, typer.Option("--force", help="Keep it though it cannot be asked.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The predefined and the saved queries.")
    verbs = (
        ("list", list_),
        ("show", show),
        ("save", save),
        ("edit", edit),
        ("copy", copy),
        ("rename", rename),
        ("remove", remove),
    )
    for name, verb in verbs:
        group.command(name)(verb)
    app.add_typer(group, name="queries")


def list_(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """List the queries that `query --name` knows."""
    from ops.cli.listing import show_listing
    from ops.cli.query_listing import list_queries
    from ops.questions import saved_queries

    show_listing(list_queries(saved_queries(session_of(context).home())), as_json_text=json)
    return ExitCode.OK


def show(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Show one query: what it answers, its parameters, its columns, its text."""
    from ops.cli.listing import show_listing
    from ops.cli.query_listing import list_in_full, query_lines
    from ops.questions import find_query

    saved = find_query(session_of(context).home(), name)
    if json:
        show_listing(list_in_full(saved), as_json_text=True)
    else:
        show_lines(query_lines(saved))
    return ExitCode.OK


def save(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call it: letters, digits, - and _.", show_default=False)
    ],
    text: Annotated[
        str | None,
        typer.Argument(metavar="QUERY", help="The query; - reads it from standard input.", show_default=False),
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", "-f", metavar="FILE", help="Read it from FILE; a name that ends in .kql says KQL."),
    ] = None,
    kql: Annotated[bool, typer.Option("--kql", help="The query is KQL.")] = False,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help="What it answers, in one line.")] = None,
    group: Annotated[
        str | None, typer.Option("--group", metavar="TEXT", help="The group that it is listed in.")
    ] = None,
    help_text: Annotated[
        str | None, typer.Option("--help-text", metavar="TEXT", help="What one should know before asking it.")
    ] = None,
    replace: Replace = False,
    force: Force = False,
    json: JsonOption = False,
) -> ExitCode:
    """Keep a query under a name, as a file in the home.

    Its header is written where it has none. It is tried over empty tables before it is kept.
    """
    from ops.cli.query_source import read_query_source
    from ops.query_files import QueryDraft, save_query

    home = session_of(context).home()
    source, language = read_query_source(text, file, kql=kql)
    header = {"title": title or "", "group": group or "", "help": help_text or ""}
    kept = save_query(home, QueryDraft(name, source, language, header), replace=replace, force=force)
    return _told(f"Saved {kept.name} in {kept.path}.", kept, json=json)


def edit(context: typer.Context, name: Name, force: Force = False, json: JsonOption = False) -> ExitCode:
    """Edit a saved query in $VISUAL or $EDITOR.

    It is tried before it is kept; on a terminal it can be edited again. What is not kept stays in a file.
    """
    from ops.cli.query_editor import edit_in_editor
    from ops.query_files import own_query

    home = session_of(context).home()
    kept = edit_in_editor(home, own_query(home, name), force=force)
    return _told(f"{kept.name} is {kept.path}.", kept, json=json)


def copy(
    context: typer.Context, name: Name, new: NewName, replace: Replace = False, json: JsonOption = False
) -> ExitCode:
    """Copy a query, also a predefined one, to change it."""
    from ops.query_files import copy_query

    kept = copy_query(session_of(context).home(), name, new, replace=replace)
    return _told(f"Copied to {kept.name} in {kept.path}.", kept, json=json)


def rename(context: typer.Context, name: Name, new: NewName, json: JsonOption = False) -> ExitCode:
    """Give a saved query another name."""
    from ops.query_files import rename_query

    kept = rename_query(session_of(context).home(), name, new)
    return _told(f"It is called {kept.name} now.", kept, json=json)


def remove(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Remove a saved query.

    Refused while a group or an alert rule asks it. The audit keeps its text. A predefined query of the same name is
    there again.
    """
    from ops.query_files import remove_query

    removed = remove_query(session_of(context).home(), name)
    return _told(f"Removed {removed.path}.", removed, json=json)


def _told(text: str, query: "SavedQuery", *, json: bool) -> ExitCode:
    from fleet.hostile import clean
    from ops.cli.listing import show_listing
    from ops.cli.query_listing import list_queries

    say(clean(text))
    if query.problem:
        say(clean(query.problem))
    if json:
        show_listing(list_queries([query]), as_json_text=True)
    return ExitCode.OK
