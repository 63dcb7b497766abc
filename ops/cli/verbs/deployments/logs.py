"""`patchdeck deployments logs`."""

import sys
from typing import Annotated

import typer

from ops.cli.run_options import Run
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import show_lines
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("logs")(logs)


def logs(
    context: typer.Context,
    run: Run,
    machine: Annotated[
        str | None, typer.Argument(metavar="MACHINE", help="Its package manager's own output.", show_default=False)
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on until the run is over; Ctrl-C leaves it going.")
    ] = False,
    commands: Annotated[
        bool, typer.Option("--commands", help="The remote commands instead, each with its time and exit status.")
    ] = False,
    replay: Annotated[bool, typer.Option("--replay", help="Show what happened once more, as it happened.")] = False,
    speed: Annotated[
        float, typer.Option("--speed", metavar="N", min=0.1, max=100_000, help="With --replay: so many times as fast.")
    ] = 10.0,
    json: JsonOption = False,
) -> ExitCode:
    """Show what happens and happened in a run.

    Without a machine its events; with one what the package manager there printed.
    """
    from ops.cli.run_follow import watch
    from ops.deployments.history import find_run

    _check_fit(follow=follow, commands=commands, replay=replay, json=json, machine=machine)
    session = session_of(context)
    if commands:
        return _show_commands(session, run, machine, json)
    if machine is not None:
        return _show_log(session, run, machine, follow, json)
    if replay:
        return _replay(session, run, speed)
    if follow:
        return watch(session.home(), find_run(session.home(), run), quiet=False)
    return _show_events(session, run, json)


def _check_fit(*, follow: bool, commands: bool, replay: bool, json: bool, machine: str | None) -> None:
    from fleet.errors import BadInput

    if sum((follow, commands, replay)) > 1:
        raise BadInput("Give one of --follow, --commands and --replay.")
    if json and (follow or replay):
        raise BadInput("--json is an array that has an end: it goes with neither --follow nor --replay.")
    if replay and machine is not None:
        raise BadInput("--replay shows the whole run: leave out the machine.")


def _show_events(session: Session, run: str, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.run_event_listing import list_events
    from ops.cli.run_follow import show_events
    from ops.deployments.folder import read_events, run_folder
    from ops.deployments.history import find_run

    home = session.home()
    events, _ = read_events(run_folder(home, find_run(home, run).id))
    if json:
        show_listing(list_events(events), as_json_text=True)
    else:
        show_events([events], plain=True)
    return ExitCode.OK


def _replay(session: Session, run: str, speed: float) -> ExitCode:
    from ops.cli.run_follow import show_events
    from ops.deployments.following import replay_run
    from ops.deployments.history import find_run

    home = session.home()
    show_events(replay_run(home, find_run(home, run).id, speed), replayed=True)
    return ExitCode.OK


def _show_log(session: Session, run: str, machine: str, follow: bool, json: bool) -> ExitCode:
    from ops.cli.listing import Column, Listing, show_listing
    from ops.deployments.history import machine_called, view_run
    from ops.deployments.run_logs import log_lines

    view = view_run(session.home(), run)
    name = machine_called(view, machine).machine_name
    lines = log_lines(session.home(), view.run.id, name, follow=follow)
    if json:
        show_listing(Listing((Column("machine"), Column("line")), [(name, line) for line in lines]), as_json_text=True)
        return ExitCode.OK
    for line in lines:
        show_lines([line])
        if follow:
            sys.stdout.flush()
    return ExitCode.OK


def _show_commands(session: Session, run: str, machine: str | None, json: bool) -> ExitCode:
    from ops.cli.listing import show_listing
    from ops.cli.run_event_listing import list_commands
    from ops.deployments.history import machine_called, view_run
    from ops.deployments.run_logs import command_lines

    view = view_run(session.home(), run)
    machines = [machine_called(view, machine)] if machine is not None else view.machines
    commands = {
        each.machine_name: [*command_lines(session.home(), view.run.id, each.machine_name)] for each in machines
    }
    show_listing(list_commands(commands), as_json_text=json)
    return ExitCode.OK
