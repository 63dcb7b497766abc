"""`patchdeck audit head`."""

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(group: typer.Typer) -> None:
    """Adds the verb."""
    group.command("head")(head)


def head(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Print number and hash of the newest entry, to be kept elsewhere.

    Kept where nobody who could write the home can write, it proves later that no entry up to this one was changed or
    removed: see `patchdeck audit verify --since-head`.

    Example: `patchdeck audit head --json | ssh vault 'cat >> patchdeck-heads'`
    """
    from ops.audit.book import audit_head
    from ops.cli.audit_listing import list_head
    from ops.cli.listing import show_listing

    newest = audit_head(session_of(context).home())
    if json:
        show_listing(list_head(newest), as_json_text=True)
    else:
        show_lines([newest.line])
    return ExitCode.OK
