"""`patchdeck audit show`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("show")(show)


def show(
    context: typer.Context,
    number: Annotated[
        int, typer.Argument(metavar="NUMBER", min=1, help="The entry, by its number.", show_default=False)
    ],
    json: JsonOption = False,
) -> ExitCode:
    """Show one entry of the audit with all that it changed.

    Lines with + came, with - went; others were changed.

    Example: `patchdeck audit show 42`
    """
    from ops.audit.book import find_deed
    from ops.cli.audit_listing import write_entries
    from ops.cli.audit_page import entry_lines

    entry = find_deed(session_of(context).home(), number)
    if json:
        write_entries([entry])
    else:
        show_lines(entry_lines(entry))
    return ExitCode.OK
