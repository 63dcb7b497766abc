"""`patchdeck deployments enable` and `disable`."""

import typer

from ops.cli.deployment_options import Name
from ops.cli.session import JsonOption, session_of
from ops.cli.terminal import say
from ops.exit_codes import ExitCode


def add_to(app: typer.Typer) -> None:
    """Adds both verbs."""
    app.command("enable")(enable)
    app.command("disable")(disable)


def enable(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Let the schedule start this deployment again."""
    return _set_enabled(context, name, json, enabled=True)


def disable(context: typer.Context, name: Name, json: JsonOption = False) -> ExitCode:
    """Let the schedule start nothing of this deployment.

    It stays defined, and `deployments run` still runs it. Runs in progress go on.
    """
    return _set_enabled(context, name, json, enabled=False)


def _set_enabled(context: typer.Context, name: str, json: bool, *, enabled: bool) -> ExitCode:
    from ops.cli.deployment_listing import list_definitions
    from ops.cli.deployment_talk import describe_runs
    from ops.cli.listing import show_listing
    from ops.deployments.definitions import Outcome, enable_deployment
    from ops.deployments.overview import overview_of

    home = session_of(context).home()
    defined = enable_deployment(home, name, enabled=enabled)
    word = "enabled" if enabled else "disabled"
    when = "already" if defined.outcome is Outcome.UNCHANGED else "now"
    overview = overview_of(home, defined.stored)
    say(f"{defined.stored.deployment.name}: {word} {when}.")
    for line in describe_runs(overview.open_runs, "disabling" if not enabled else ""):
        say(line)
    if json:
        show_listing(list_definitions([overview]), as_json_text=True)
    return ExitCode.OK
