"""`patchdeck deployments runs` and `history`."""

from typing import Annotated

import typer

from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

OptionalName = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="Of this deployment only; it may be removed by now.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("runs")(runs)
    app.command("history")(history)


def runs(context: typer.Context, name: OptionalName = None, json: JsonOption = False) -> ExitCode:
    """List the runs that wait, are in progress or are paused."""
    from ops.approvals.overview import list_waiting
    from ops.cli.approval_talk import describe_waiting
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_runs
    from ops.cli.run_talk import describe_runs
    from ops.deployments.history import OPEN_STATUSES
    from ops.deployments.history import list_runs as known_runs

    home = session_of(context).home()
    found = known_runs(home, name, OPEN_STATUSES)
    show_listing(list_runs(found), as_json_text=json)
    for line in (describe_runs(found), *describe_waiting(list_waiting(home, name))):
        say(line)
    return ExitCode.OK


def history(
    context: typer.Context,
    name: OptionalName = None,
    machine: Annotated[
        list[str] | None,
        typer.Option(
            "--machine",
            metavar="TARGET",
            help="What these machines went through: a name, an earlier name, an id, a glob, tag:key=value, os:linux; "
            "may be given several times.",
        ),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="How many rows, the latest.")] = 100,
    json: JsonOption = False,
) -> ExitCode:
    """List runs, the latest first.

    With --machine a row for each run of each machine, under the name that it had then. One that was renamed, retired or
    removed is found by its earlier names and by its id; a name in use means the machine that has it now.
    """
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_history, list_runs
    from ops.cli.run_talk import describe_history, describe_runs
    from ops.deployments.history import earlier_holders, history_of_machines
    from ops.deployments.history import list_runs as known_runs

    home = session_of(context).home()
    if machine:
        entries = history_of_machines(home, machine, name, limit)
        listing, said = list_history(entries), describe_history(entries)
    else:
        found = known_runs(home, name, limit=limit)
        listing, said = list_runs(found), describe_runs(found)
    show_listing(listing, as_json_text=json)
    say(said)
    for sentence in earlier_holders(home, machine or []):
        say(sentence)
    return ExitCode.OK
