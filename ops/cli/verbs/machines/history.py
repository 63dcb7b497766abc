"""`patchdeck machines history` and `logs`."""

from typing import Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say, show_lines
from ops.cli.verbs.machines.options import Name
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("history")(history)
    app.command("logs")(logs)


def history(context: typer.Context, name: Name, as_of: AsOfOption = None, json: JsonOption = False) -> ExitCode:
    """List what happened to one machine, newest first.

    Assessments, updates that came and went, runs, reboots, installations that failed, and who changed it.
    """
    from ops.cli.listing import Column, Listing, show_listing
    from ops.cli.values import count_of
    from ops.enrolment import find_machine
    from ops.machine_events import MOST_EVENTS, machine_events

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    found = machine_events(home, find_machine(home, name).id, as_of=at)
    columns = (
        Column("at", "Time"),
        Column("event", "Event"),
        Column("what", "What"),
        Column("by", "By", is_extra=True),
        Column("run_id", "Run", is_extra=True),
    )
    rows = [(each.at, each.event, each.what, each.by, each.run_id) for each in found]
    show_listing(Listing(columns, rows), as_json_text=json)
    say(f"{count_of(len(found), 'event')}{', the newest only' if len(found) == MOST_EVENTS else ''}.")
    say_instant(at)
    return ExitCode.OK


def logs(
    context: typer.Context,
    name: Name,
    log: Annotated[
        str | None,
        typer.Argument(metavar="LOG", help="Print this one: its id, or the begin of it.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> ExitCode:
    """List what is kept of a machine's own words, or print one of it.

    What its package manager printed in runs, and answers to assessments that could not be read.
    """
    from ops.cli.listing import Column, Listing, show_listing, write_json
    from ops.cli.update_listing import show_size
    from ops.cli.values import count_of
    from ops.enrolment import find_machine
    from ops.machine_logs import all_lines, find_log, list_logs

    home = session_of(context).home()
    found = list_logs(home, find_machine(home, name))
    if log is not None:
        lines = all_lines(find_log(found, log))
        if json:
            write_json([{"line": line} for line in lines])
        else:
            show_lines(lines)
        return ExitCode.OK
    columns = (
        Column("id", "Log"),
        Column("kind", "Of"),
        Column("at", "Time"),
        Column("about", "About"),
        Column("size_bytes", "Size", show_size, is_number=True),
        Column("path"),
    )
    rows = [(each.id, each.kind, each.at, each.about, each.size_bytes, str(each.path)) for each in found]
    show_listing(Listing(columns, rows), as_json_text=json)
    say(f"{count_of(len(found), 'log')}.")
    return ExitCode.OK
