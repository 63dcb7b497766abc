"""The tree of verbs. Each module of `ops.cli.verbs` that is named here adds its own."""

from pathlib import Path
from typing import Annotated

import typer

from ops.cli.groups import new_group
from ops.cli.session import AppRequest, require_terminal, session_of
from ops.cli.signals import stopped_alike
from ops.cli.verbs import (
    assess,
    audit,
    check,
    demo,
    deployments,
    enrol_accept,
    enrol_token,
    export,
    feeds,
    groups,
    home,
    machines,
    profiles,
    queries,
    query,
    scope,
    secrets,
    service,
    sources,
    tables,
    updates,
)
from ops.exit_codes import ExitCode

# Each has `add_to(app)`; the order is that of the help.
VERB_MODULES = (
    demo,
    machines,
    sources,
    enrol_token,
    enrol_accept,
    groups,
    profiles,
    secrets,
    scope,
    assess,
    check,
    updates,
    deployments,
    feeds,
    query,
    queries,
    export,
    tables,
    service,
    home,
    audit,
)


def build_app() -> typer.Typer:
    """The command line as a typer application; nothing but the verbs' declarations is imported."""
    app = new_group("Shows which machines miss which updates. Without a verb, opens the app.")
    app.callback(invoke_without_command=True)(_root)
    for module in VERB_MODULES:
        module.add_to(app)
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"patchdeck {version('patchdeck')}")
        raise typer.Exit


def _root(
    context: typer.Context,
    home: Annotated[
        Path | None,
        # What of it can be used is told by `ops.home`, with the exit code of an unusable home.
        typer.Option(
            "--home",
            readable=False,
            help="The home: settings, state and tables. Default: $PATCHDECK_HOME, else XDG data.",
        ),
    ] = None,
    read_only: Annotated[
        bool,
        typer.Option("--read-only", envvar="PATCHDECK_READ_ONLY", help="Look only: change nothing, reach no machine."),
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> ExitCode:
    session = session_of(context)
    session.home_path, session.is_read_only = home, read_only
    if context.invoked_subcommand is not None:
        context.with_resource(stopped_alike())  # the app itself has its own ways to end
        return ExitCode.OK
    require_terminal()
    return ExitCode(session.open_app(AppRequest(session.home())))
