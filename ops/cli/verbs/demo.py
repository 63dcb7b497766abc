"""`patchdeck demo`."""

import typer

from ops.cli.session import AppRequest, require_terminal, session_of
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds the verb."""
    app.command("demo")(demo)


def demo(context: typer.Context) -> ExitCode:
    """Open the app over sample data.

    It is a copy that is removed at the end; your home is not touched. The clock stands at the moment for which
    the sample was made.
    """
    from ops.demo import open_demo

    require_terminal()
    with open_demo() as sample:
        request = AppRequest(sample.home, sample.clock(), "Patchdeck demo")
        return ExitCode(session_of(context).open_app(request))
