"""`patchdeck deployments record`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of
from ops.cli.run_options import Run
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_text
from ops.exit_codes import ExitCode


class RecordFormat(StrEnum):
    """Formats of a change record."""

    MARKDOWN = "markdown"
    HTML = "html"


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("record")(record)


def record(
    context: typer.Context,
    run: Run,
    format_: Annotated[RecordFormat, typer.Option("--format", help="Of the record.")] = RecordFormat.MARKDOWN,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to this file, whole or not at all.")
    ] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> ExitCode:
    """Write the change record of a run, for the ticket.

    What was planned, who asked for it, what became of each machine and update, and what failed why.
    """
    from fleet.deployments.change_record import change_record_html, change_record_markdown
    from ops.cli.listing import Column, Listing, show_listing
    from ops.deployments.history import view_run
    from ops.past.runs import view_run_at
    from ops.permission import require_elsewhere
    from query.outfile import written_aside

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    view = view_run(home, run) if at is None else view_run_at(home, run, at)
    make = change_record_markdown if format_ is RecordFormat.MARKDOWN else change_record_html
    text = make(view.run, view.machines, view.plan, view.interventions, as_of=at)
    if output is not None:
        require_elsewhere(output)
        with written_aside(output) as file:
            file.write(text.encode())
        say(f"{output} is written.")
    if json:
        columns = (Column("run"), Column("format"), Column("lines"))
        show_listing(Listing(columns, [(view.run.id, format_, text.splitlines())]), as_json_text=True)
    elif output is None:
        show_text(text)
    return ExitCode.OK
