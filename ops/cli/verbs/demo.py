"""`patchdeck demo`."""

from typing import Annotated

import typer

from fleet.errors import BadInput
from ops.cli.session import AppRequest, Session, require_terminal, session_of
from ops.exit_codes import ExitCode

_USUAL_MACHINES = 6


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    live: Annotated[
        bool,
        typer.Option("--live", help="Add Windows machines that answer: processes on this computer that play them."),
    ] = False,
    machines: Annotated[
        int | None,
        typer.Option(min=1, max=60, metavar="N", help="With --live: how many of them, beside one by SSH; usually 6."),
    ] = None,
    only_ascii: Annotated[bool, typer.Option("--ascii", help="Draw with ASCII alone.")] = False,
) -> ExitCode:
    """Open the app over sample data.

    It is a copy that is removed at the end; your home is not touched. The clock stands at the moment for which
    the sample was made.

    With --live, Windows machines are in it that answer over HTTPS and SSH on loopback, at ports of their own: they can
    be assessed and patched, and they reboot. No Windows runs: what they answer is made up. They end with the app.

    Example: `patchdeck demo --live`
    """
    if machines is not None and not live:
        raise BadInput("--machines is for the machines of --live.")
    require_terminal()
    session = session_of(context)
    session.is_ascii = session.is_ascii or only_ascii
    return _open_live(session, machines or _USUAL_MACHINES) if live else _open(session)


def _open(session: Session) -> ExitCode:
    from ops.demo import open_demo

    with open_demo() as sample:
        return ExitCode(session.open_app(AppRequest(sample.home, sample.clock(), "Patchdeck demo", session.is_ascii)))


def _open_live(session: Session, machines: int) -> ExitCode:
    from ops.cli.terminal import say
    from ops.demo_live import open_live_demo

    say("Starting the machines of the demo …")
    with open_live_demo(machines) as live:
        request = AppRequest(live.demo.home, live.clock, "Patchdeck demo, live", session.is_ascii)
        return ExitCode(session.open_app(request))
