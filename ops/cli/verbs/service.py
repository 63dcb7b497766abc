"""`patchdeck service`: the background service of a home."""

from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import JsonOption, Session, session_of
from ops.cli.terminal import say, show_lines, show_text
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.home import Home
    from ops.service.units import Scope

OfUser = Annotated[bool, typer.Option("--user", help="Of your own systemd. The default, but for root.")]
OfSystem = Annotated[bool, typer.Option("--system", help="Of the whole system; runs as the owner of the home.")]


def add_to(app: typer.Typer) -> None:
    """Adds the group with its verbs."""
    group = new_group("The background service: assesses on schedule, runs deployments, outlives the terminal.")
    for verb in (run, start, stop, status, install, uninstall):
        group.command(verb.__name__)(verb)
    app.add_typer(group, name="service")


def run(context: typer.Context) -> ExitCode:
    """Be the service, in the foreground.

    For systemd, or a container. SIGTERM and Ctrl-C end it in order: runs go on with the next one.
    """
    from ops.cli.signals import heeded_signals
    from ops.secrets import type_passphrase
    from ops.service.lease import LeaseHeld
    from ops.service.running import run_service

    home = session_of(context).home()
    type_passphrase(home)
    _tell_locked(home)
    try:
        run_service(home, lambda: say(f"The service of {home.path} works; Ctrl-C ends it."), heeded=heeded_signals())
    except LeaseHeld as error:
        say(f"patchdeck: {error}")
        return ExitCode.SERVICE_HELD
    return ExitCode.OK


def start(context: typer.Context) -> ExitCode:
    """Start the service, detached, unless it runs.

    It stays when this terminal is closed. Says who it is, or why it does not start. Where a passphrase unlocks the
    home's secrets, it is asked for on a terminal and handed to the service.
    """
    from ops.secrets import type_passphrase
    from ops.service import ensure_running
    from ops.service.starting import working

    home = session_of(context).home()
    if working(home) is None:
        type_passphrase(home)
        _tell_locked(home)
    say(f"The service runs: {ensure_running(home)}.")
    return ExitCode.OK


def stop(
    context: typer.Context,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0.0, help="How long to wait until it has ended.")
    ] = 60.0,
) -> ExitCode:
    """End the service, in order.

    Nothing more is begun; machines that install go on, and the next service takes the runs up.
    """
    from ops.cli.service_text import describe_stopped
    from ops.service.stopping import stop_service

    home = session_of(context).home()
    stopped = stop_service(home, wait)
    for line in describe_stopped(home, stopped):
        say(line)
    return ExitCode.OK


def status(context: typer.Context, json: JsonOption = False) -> ExitCode:
    """Show what the service does now, and what comes next.

    Ends with 0 where it runs, with 10 where it does not.
    """
    from ops.cli.listing import show_listing
    from ops.cli.service_text import describe_status, list_status
    from ops.service.status import service_status

    known = service_status(session_of(context).home())
    if json:
        show_listing(list_status(known), as_json_text=True)
    else:
        show_lines(describe_status(known))
    return ExitCode.OK if known.is_running else ExitCode.SERVICE_DOWN


def install(
    context: typer.Context,
    user: OfUser = False,
    system: OfSystem = False,
    now: Annotated[bool, typer.Option("--now", help="Start it, too.")] = False,
    print_: Annotated[bool, typer.Option("--print", help="Only print the unit; nothing is written.")] = False,
) -> ExitCode:
    """Install the service as a systemd unit.

    Written and enabled, so that it starts by itself. Refuses where there is no systemd.
    """
    from ops.service.installing import install as install_unit
    from ops.service.installing import plan_unit

    session = session_of(context)
    if print_:
        show_text(plan_unit(session.home(), _scope(user, system)).text)
        return ExitCode.OK
    for line in install_unit(session.home(), _scope(user, system), now=now):
        say(line)
    return ExitCode.OK


def uninstall(context: typer.Context, user: OfUser = False, system: OfSystem = False) -> ExitCode:
    """End, disable and remove the systemd unit.

    The home and all that is in it stay.
    """
    from ops.service.installing import uninstall as uninstall_unit

    session: Session = session_of(context)
    was_there = uninstall_unit(session.home(), _scope(user, system))
    say("The unit is removed." if was_there else "No unit of this home is installed.")
    return ExitCode.OK


def _scope(user: bool, system: bool) -> "Scope":
    import os

    from fleet.errors import BadInput
    from ops.service.units import Scope

    if user and system:
        raise BadInput("--user and --system exclude each other.")
    return Scope.SYSTEM if system or (os.geteuid() == 0 and not user) else Scope.USER


def _tell_locked(home: "Home") -> None:
    from ops.credentials.session import tell_locked

    if note := tell_locked(home):
        say(note)
