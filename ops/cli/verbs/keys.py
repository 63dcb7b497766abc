"""`patchdeck keys`: the keys of the app, and how to give them to other hands."""

from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verb."""
    group = new_group(
        "The keys of the app.\n\n"
        "Any of them can be another one, by config.toml in the home: [keys] gives an action its keys by its id, as in "
        '"machines.assess" = "ctrl+g" or "every-table.sort" = ["s", "f9"]; [app.keys] gives a command a key, and '
        "[app.aliases] a name."
    )
    group.command("list")(list_)
    app.add_typer(group, name="keys")


def list_(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="WORD", help="Only lines that have all these words in them.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List what keys do in the app, with the ids by which config.toml can change them.

    What a screen has from another one, all screens from every-screen, can be changed for it alone, too: machines.sort
    is every-table.sort on the machines.
    """
    from ops.app_keys.own_keys import load_own_keys
    from ops.cli.key_listing import list_keys
    from ops.cli.listing import show_listing

    show_listing(list_keys(load_own_keys(session_of(context).home()), words or []), as_json_text=json)
    return ExitCode.OK
