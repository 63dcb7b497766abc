"""`patchdeck deployments runs` and `history`."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.past_options import AsOfOption, read_as_of, say_instant
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from ops.home import Home

OptionalName = Annotated[
    str | None,
    typer.Argument(metavar="NAME", help="Of this deployment only; it may be removed by now.", show_default=False),
]


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("runs")(runs)
    app.command("history")(history)


def runs(
    context: typer.Context, name: OptionalName = None, as_of: AsOfOption = None, json: JsonOption = False
) -> ExitCode:
    """List the runs that wait, are in progress or are paused."""
    from ops.approvals.overview import list_waiting
    from ops.cli.approval_talk import describe_waiting
    from ops.cli.listing import show_listing
    from ops.cli.run_listing import list_runs
    from ops.cli.run_talk import describe_runs
    from ops.deployments.history import OPEN_STATUSES
    from ops.deployments.history import list_runs as known_runs
    from ops.past.runs import list_runs_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if at is None:
        found = known_runs(home, name, OPEN_STATUSES)
    else:
        _require_known(home, name, at)
        found = [each for each in list_runs_at(home, at, name) if each.run.status in OPEN_STATUSES]
    show_listing(list_runs(found), as_json_text=json)
    say_instant(at)
    for line in (describe_runs(found), *(describe_waiting(list_waiting(home, name)) if at is None else ())):
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
    as_of: AsOfOption = None,
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
    from ops.past.runs import history_of_machines_at, list_runs_at

    home = session_of(context).home()
    at = read_as_of(home, as_of)
    if at is not None:
        _require_known(home, name, at)
    if machine:
        entries = (
            history_of_machines(home, machine, name, limit)
            if at is None
            else history_of_machines_at(home, machine, at, name, limit)
        )
        listing, said = list_history(entries), describe_history(entries)
    else:
        found = known_runs(home, name, limit=limit) if at is None else list_runs_at(home, at, name, limit)
        listing, said = list_runs(found), describe_runs(found)
    show_listing(listing, as_json_text=json)
    say(said)
    say_instant(at)
    for sentence in earlier_holders(home, machine or []):
        say(sentence)
    return ExitCode.OK


def _require_known(home: "Home", name: str | None, at: "datetime") -> None:
    from ops.past.runs import require_deployment_at

    if name is not None:
        require_deployment_at(home, name, at)
