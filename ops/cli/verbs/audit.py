"""`patchdeck audit`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("audit")(audit)


def audit(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many entries.")] = 100,
    machine: Annotated[
        str | None,
        typer.Option(
            "--machine",
            metavar="NAME|ID",
            help="What was done to this machine, under whatever name it had then; it may be retired or removed by now.",
        ),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """Show who did what, when and from where.

    The newest deeds come first.

    Example: `patchdeck audit --machine web-01`
    """
    from contextlib import closing

    from ops.cli.audit_listing import list_entries
    from ops.cli.listing import show_listing
    from ops.state.audit import Audit
    from ops.state.database import connect

    home = session_of(context).home()
    if machine is not None:
        from ops.lifecycle import deeds_on

        entries = deeds_on(home, machine, limit)
    else:
        with closing(connect(home.state_file)) as connection:
            entries = Audit(connection).list_entries(limit)
    show_listing(list_entries(entries), as_json_text=json)
    return ExitCode.OK
